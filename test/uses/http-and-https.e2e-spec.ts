import { Controller, Get, Injectable, Module, Req } from '@nestjs/common';
import { HttpPoolModule, Pool, PoolService } from 'nestjs-http-pool';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Opened as Applications, platforms, urlOf } from '../nest/support/adapters.js';
import { tls } from '../support/certificates.js';
import { LOOPBACK } from '../support/handlers.js';
import { ask, text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { refusal } from '../support/raw-client.js';

const SERVERS = [
  { name: 'http', listen: LOOPBACK },
  { name: 'https', listen: LOOPBACK, tls },
];

@Injectable()
class Visits {
  count = 0;
}

@Controller()
class VisitController {
  constructor(private readonly visits: Visits) {}

  @Get('visits')
  visit(): number {
    return (this.visits.count += 1);
  }

  @Get('protocol')
  protocol(@Req() request: { protocol: string }): string {
    return request.protocol;
  }
}

describe.each(platforms)('HTTP and HTTPS side by side, one $name application', ({ create }) => {
  const opened = new Applications();
  afterEach(() => opened.closeAll());

  const start = async () => {
    @Module({
      imports: [HttpPoolModule.forRoot(SERVERS)],
      controllers: [VisitController],
      providers: [Visits],
    })
    class App {}
    const app = opened.app(await create(App));
    await app.init();
    return app;
  };

  it('serves both by one handler, which sees the same state', async () => {
    const app = await start();
    expect(await text(urlOf(app, 'http', '/visits'))).toBe('1');
    expect(await text(urlOf(app, 'https', '/visits'))).toBe('2');
    expect(await text(urlOf(app, 'http', '/visits'))).toBe('3');
  });

  it('lets the handler know which of the two it is', async () => {
    const app = await start();
    expect(await text(urlOf(app, 'http', '/protocol'))).toBe('http');
    expect(await text(urlOf(app, 'https', '/protocol'))).toBe('https');
  });

  it('shows the certificate on the one and no TLS on the other', async () => {
    const app = await start();
    const answer = await ask(urlOf(app, 'https', '/visits'));
    expect(answer).toMatchObject({ status: 200, certificateName: 'localhost' });
    const plain = urlOf(app, 'http').replace('http:', 'https:');
    await expect(ask(plain)).rejects.toThrow(/wrong version number|packet length|EPROTO/);
  });

  it('closes both with the application', async () => {
    const app = await start();
    const urls = [urlOf(app, 'http'), urlOf(app, 'https')];
    await app.close();
    expect(await Promise.all(urls.map(refusal))).toEqual(['ECONNREFUSED', 'ECONNREFUSED']);
  });

  it('goes on over HTTPS when HTTP is stopped', async () => {
    const app = await start();
    const url = urlOf(app, 'http');
    await app.get(PoolService).get('http')?.stop();
    expect(await refusal(url)).toBe('ECONNREFUSED');
    expect(await text(urlOf(app, 'https', '/visits'))).toBe('1');
  });
});

describe('HTTP and HTTPS side by side without Nest', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('shares one listener', async () => {
    const seen: string[] = [];
    const pool: Pool = opened.pool({
      handlers: () => ({
        default: (request, response) => {
          seen.push(request.url ?? '');
          response.end('encrypted' in request.socket ? 'https' : 'http');
        },
      }),
    });
    for (const options of SERVERS) await pool.storeNew(options, { start: true });
    expect(await text(new URL('/a', pool.get('http')?.url))).toBe('http');
    expect(await text(new URL('/b', pool.get('https')?.url))).toBe('https');
    expect(seen).toEqual(['/a', '/b']);
  });
});
