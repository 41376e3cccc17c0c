import type { Server as HttpServer } from 'node:http';
import { join } from 'node:path';
import {
  Controller,
  Get,
  Injectable,
  Module,
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
  type PipeTransform,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import {
  HttpPoolModule,
  PoolService,
  Server,
  serverOf,
  type PooledServer,
  type ServerOptions,
} from 'nestjs-http-pool';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { tls } from '../support/certificates.js';
import { LOOPBACK } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Http2Client } from '../support/http2-client.js';
import { Opened } from '../support/opened.js';
import { platforms, urlOf } from './support/adapters.js';

const seen: (PooledServer | undefined)[] = [];

@Injectable()
class NamePipe implements PipeTransform<PooledServer | undefined, string> {
  transform(server: PooledServer | undefined): string {
    return server?.name ?? 'none';
  }
}

@Injectable()
class SeeingGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    seen.push(serverOf(context.switchToHttp().getRequest()));
    return true;
  }
}

@Controller()
class WhereController {
  @Get()
  where(@Server() server: PooledServer | undefined, @Server(NamePipe) name: string): string {
    seen.push(server);
    return name;
  }
}

@Controller('admin')
class AdminController extends WhereController {}

const opened = new Opened();
let socketPath = '';
beforeEach(async () => {
  socketPath = join(await opened.folder(), 'http.sock');
  seen.length = 0;
});
afterEach(() => opened.closeAll());

describe.each(platforms)('@Server() on $name', ({ name: platform, create }) => {
  const start = async (more: ServerOptions[] = []): Promise<INestApplication> => {
    const servers = [
      { name: 'http', listen: LOOPBACK },
      { name: 'https', listen: LOOPBACK, tls },
      { name: 'unix', listen: `unix:${socketPath}` },
      { name: 'admin', listen: LOOPBACK },
      ...more,
    ];
    @Module({
      imports: [
        HttpPoolModule.forRoot(servers),
        HttpPoolModule.forFeature({ server: 'admin', controllers: [AdminController] }),
      ],
      controllers: [WhereController],
      providers: [{ provide: APP_GUARD, useClass: SeeingGuard }],
    })
    class App {}
    const app = await create(App);
    opened.onClose(() => app.close());
    return app.init();
  };

  it('gives the server that accepted the request, and so does serverOf', async () => {
    const app = await start();
    const pool = app.get(PoolService);
    expect(await text(urlOf(app, 'http'))).toBe('http');
    expect(await text(urlOf(app, 'https'))).toBe('https');
    expect(await text('http://localhost', { socketPath })).toBe('unix');
    expect(await text(urlOf(app, 'admin', '/admin'))).toBe('admin');
    const names = ['http', 'http', 'https', 'https', 'unix', 'unix', 'admin', 'admin'];
    expect(seen.map((server, index) => server === pool.get(names[index]!))).toEqual(
      names.map(() => true),
    );
  });

  it('goes by the socket, not by what the client says', async () => {
    const app = await start();
    const headers = { host: 'admin', 'x-forwarded-host': 'admin', 'x-forwarded-port': '1' };
    expect(await text(urlOf(app, 'http'), { headers })).toBe('http');
  });

  it('gives the same server after a change of its config', async () => {
    const app = await start();
    const server = app.get(PoolService).get('http')!;
    await server.setConfig({ ...server.config, name: 'renamed', listen: '127.0.0.1:0' });
    expect(await text(server.url)).toBe('renamed');
    expect(seen.at(-1) === server).toBe(true);
  });

  it('is undefined for a request by app.listen()', async () => {
    const app = await start();
    await app.listen(0, '127.0.0.1');
    const { port } = (app.getHttpServer() as HttpServer).address() as { port: number };
    expect(await text(`http://127.0.0.1:${port}`)).toBe('none');
    expect(seen).toEqual([undefined, undefined]);
  });

  if (platform === 'fastify') {
    it.each([
      ['h2c', {}],
      ['h2', { tls }],
    ])('works over %s', async (name, options) => {
      const app = await start([{ name, listen: LOOPBACK, protocol: 'http2', ...options }]);
      const client = await Http2Client.connect(urlOf(app, name));
      opened.onClose(() => client.close());
      expect((await client.ask('/')).body).toBe(name);
    });
  }
});
