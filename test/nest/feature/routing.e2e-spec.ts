import {
  Controller,
  Get,
  HostParam,
  Param,
  Post,
  Version,
  VERSION_NEUTRAL,
  VersioningType,
  type INestApplication,
  type VersioningOptions,
} from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule } from 'nestjs-http-pool';
import { platforms, urlOf } from '../support/adapters.js';
import { BOTH, FeatureApps } from '../support/feature-app.js';
import { rawAsk } from '../support/raw-answer.js';

@Controller('cats')
class CatsController {
  @Get()
  @Version('1')
  one(): string {
    return 'one';
  }

  @Get()
  @Version(['2', '3'])
  two(): string {
    return 'two';
  }

  @Get('neutral')
  @Version(VERSION_NEUTRAL)
  neutral(): string {
    return 'neutral';
  }

  @Get('default')
  byDefault(): string {
    return 'default';
  }
}

@Controller()
class HealthController {
  @Get('health')
  health(): string {
    return 'ok';
  }

  @Post('health')
  post(): string {
    return 'posted';
  }

  @Get('deep/:id/health')
  deep(@Param('id') id: string): string {
    return id;
  }
}

/** How a request asks for a version, by the type of versioning. */
const versionings: [string, VersioningOptions, (version: string) => [string, RequestInit?]][] = [
  ['URI', { type: VersioningType.URI }, (version) => [`/v${version}/cats`]],
  [
    'URI with a prefix',
    { type: VersioningType.URI, prefix: 'r' },
    (version) => [`/r${version}/cats`],
  ],
  [
    'header',
    { type: VersioningType.HEADER, header: 'x-version' },
    (version) => ['/cats', { headers: { 'x-version': version } }],
  ],
  [
    'media type',
    { type: VersioningType.MEDIA_TYPE, key: 'v=' },
    (version) => ['/cats', { headers: { accept: `application/json;v=${version}` } }],
  ],
  [
    'custom',
    {
      type: VersioningType.CUSTOM,
      extractor: (request) =>
        String((request as { headers: Record<string, string> }).headers['x-custom'] ?? ''),
    },
    (version) => ['/cats', { headers: { 'x-custom': version } }],
  ],
];

describe.each(platforms)('the routes of forFeature on $name', (platform) => {
  const opened = new FeatureApps(platform);
  afterEach(() => opened.closeAll());

  it.each(versionings)('have versions: %s', async (_name, options, ask) => {
    const { get, text } = await opened.start({
      both: [CatsController],
      prepare: (app) => app.enableVersioning({ ...options, defaultVersion: '1' }),
    });
    const uri = options.type === VersioningType.URI;
    for (const server of BOTH) {
      expect(await text(server, ...ask('1'))).toBe('one');
      expect(await text(server, ...ask('2'))).toBe('two');
      expect(await text(server, ...ask('3'))).toBe('two');
      expect((await get(server, ...ask('4'))).status).toBe(404);
      expect(await text(server, '/cats/neutral')).toBe('neutral');
      const [path, init] = ask('1');
      expect(await text(server, uri ? `${path}/default` : '/cats/default', init)).toBe('default');
    }
  });

  it('have the global prefix, with its exclusions and the versions', async () => {
    const { get, text } = await opened.start({
      both: [HealthController, CatsController],
      prepare: (app) => {
        app.setGlobalPrefix('api', {
          exclude: [{ path: 'health', method: 0 }, 'deep/:id/health'],
        });
        app.enableVersioning({ type: VersioningType.URI });
      },
    });
    for (const server of BOTH) {
      expect(await text(server, '/health')).toBe('ok');
      expect((await get(server, '/health', { method: 'POST' })).status).toBe(404);
      expect(await text(server, '/api/health', { method: 'POST' })).toBe('posted');
      expect((await get(server, '/api/health')).status).toBe(404);
      expect(await text(server, '/deep/7/health')).toBe('7');
      expect(await text(server, '/api/v1/cats')).toBe('one');
      expect((await get(server, '/v1/cats')).status).toBe(404);
    }
  });

  it('have a prefix, versions and guards of their own by setup, and no other server has', async () => {
    const { get, text } = await opened.start({
      imports: [
        HttpPoolModule.forFeature({
          server: 'ops',
          controllers: [HealthController, CatsController],
          setup: (ops) => {
            ops.setGlobalPrefix('ops');
            ops.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' });
            ops.useGlobalGuards({ canActivate: (context) => isMeant(context) });
          },
        }),
      ],
      both: [HealthController, CatsController],
      prepare: (app) => {
        app.setGlobalPrefix('api');
        app.enableVersioning({ type: VersioningType.URI });
      },
    });
    const headers = { 'x-version': '2', 'x-ops': 'yes' };
    expect(await text('ops', '/ops/cats', { headers })).toBe('two');
    expect((await get('ops', '/ops/cats', { headers: { 'x-version': '2' } })).status).toBe(403);
    expect((await get('ops', '/api/v2/cats', { headers })).status).toBe(404);
    for (const server of BOTH) {
      expect(await text(server, '/api/v2/cats')).toBe('two');
      expect((await get(server, '/ops/cats', { headers })).status).toBe(404);
    }
  });

  it('have no prefix where setup takes it away', async () => {
    const setup = (ops: INestApplication) => ops.setGlobalPrefix('');
    const { get, text } = await opened.start({
      imports: [
        HttpPoolModule.forFeature({ server: 'ops', controllers: [HealthController], setup }),
      ],
      prepare: (app) => app.setGlobalPrefix('api'),
    });
    expect(await text('ops', '/health')).toBe('ok');
    expect((await get('ops', '/api/health')).status).toBe(404);
    expect(await text('public', '/api/status')).toBe('main');
  });

  it('have hosts', async () => {
    @Controller({ host: ':tenant.example.com', path: 'host' })
    class TenantController {
      @Get()
      it(@HostParam('tenant') tenant: string): string {
        return tenant;
      }
    }
    const { app } = await opened.start({ both: [TenantController] });
    for (const server of BOTH) {
      const ask = (Host: string) =>
        rawAsk(urlOf(app, server), { target: '/host', headers: { Host } });
      expect((await ask('acme.example.com')).body).toContain('acme');
      expect((await ask('acme.example.org')).status).toBe(404);
    }
  });
});

function isMeant(context: { switchToHttp(): { getRequest(): { headers: object } } }): boolean {
  return 'x-ops' in context.switchToHttp().getRequest().headers;
}
