import { Controller, Get } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule, type HttpPoolModuleOptions, type Pool } from '../../lib/index.js';
import { Opened, platforms } from '../nest/support/adapters.js';
import { ask } from '../support/http-client.js';
import { LOOPBACK } from '../support/handlers.js';
import { RawClient } from '../support/raw-client.js';
import { HANDLERS, kinds, managed, MANAGEMENT } from './support.js';

const PATHS = ['/livez', '/startupz', '/readyz', '/health', '/info', '/servers'];
const WEB = { name: 'web', listen: LOOPBACK };

describe.each(kinds)('the management server with $name', ({ make }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const started = (more: Partial<HttpPoolModuleOptions> = {}) =>
    managed(opened, make, { servers: [WEB], management: LOOPBACK, ...HANDLERS, ...more });

  /** What comes back for a request line that no client of Node would send. */
  const sent = async (pool: Pool, line: string): Promise<string> => {
    const client = await RawClient.connect(pool.get('management')!.url!);
    opened.add(client, (one) => one.close());
    client.send(`${line} HTTP/1.1\r\nHost: x\r\n\r\n`);
    return client.until('\r\n\r\n');
  };

  it('answers each of its paths with 200 once the pool has started', async () => {
    const { url } = await started();
    for (const path of PATHS) expect([path, (await ask(url(path))).status]).toEqual([path, 200]);
  });

  it('keeps no answer, and says what it is', async () => {
    const { url } = await started();
    const types: Record<string, string> = {};
    for (const path of [...PATHS, '/nothing']) {
      const { headers } = await ask(url(path));
      types[path] = String(headers['content-type']);
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      });
      expect(headers).not.toHaveProperty('x-powered-by');
    }
    const [text, json] = ['text/plain; charset=utf-8', 'application/json; charset=utf-8'];
    expect(types).toEqual({
      '/livez': text,
      '/startupz': text,
      '/readyz': text,
      '/health': json,
      '/info': json,
      '/servers': json,
      '/nothing': text,
    });
  });

  it('answers HEAD with the headers of GET and no body', async () => {
    const { url } = await started();
    for (const path of ['/livez', '/readyz', '/health', '/nothing']) {
      const [got, headed] = [await ask(url(path)), await ask(url(path), { method: 'HEAD' })];
      expect([headed.status, headed.body]).toEqual([got.status, '']);
      const without = ({ date: _date, ...rest }: Readonly<Record<string, unknown>>) => rest;
      if (path !== '/health') expect(without(headed.headers)).toEqual(without(got.headers));
    }
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])(
    'refuses %s with 405 and what it allows',
    async (method) => {
      const { url } = await started();
      for (const path of PATHS) {
        const { status, headers } = await ask(url(path), { method });
        expect([path, status, headers.allow]).toEqual([path, 405, 'GET, HEAD']);
      }
      expect((await ask(url('/nothing'), { method })).status).toBe(404);
    },
  );

  it.each([
    '/',
    '/livez/',
    '//livez',
    '/%6civez',
    '/livez/..',
    '/LIVEZ',
    '/readyz/web',
    '/%',
    '/%ff%00',
    '/__proto__',
    '/constructor',
    `/${'x'.repeat(8000)}`,
  ])('answers 404 to any other path: %s', async (path) => {
    const { pool } = await started();
    expect(await sent(pool, `GET ${path}`)).toMatch(/^HTTP\/1\.1 404 /);
  });

  it('answers 404 to /metrics where there are none', async () => {
    const { pool } = await started({ metrics: false });
    expect(await sent(pool, 'GET /metrics')).toMatch(/^HTTP\/1\.1 404 /);
  });

  it.each([
    ['http://example.com/livez', 200],
    ['HTTPS://example.com:1/readyz?verbose', 200],
    ['http://example.com', 404],
    ['http://', 404],
    ['http:///livez', 200],
    ['*', 404],
    ['/livez?%', 200],
    ['/livez?a=1&verbose=#', 200],
    ['/readyz?verbose=%E0%A4%A', 200],
  ])('takes the request target %s', async (target, status) => {
    const { pool } = await started();
    const method = target === '*' ? 'OPTIONS' : 'GET';
    expect(await sent(pool, `${method} ${target}`)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it('has none of its paths on another server', async () => {
    const { url } = await started();
    for (const path of PATHS) expect((await ask(url(path, 'web'))).body).toBe('public');
  });

  it('tells what every server is, its own included', async () => {
    const { url, pool } = await started();
    const servers = JSON.parse((await ask(url('/servers'))).body);
    expect(servers).toMatchObject({ size: 2, running: 2 });
    expect(servers.servers.map(({ name }: { name: string }) => name)).toEqual([
      'web',
      'management',
    ]);
    const health = JSON.parse((await ask(url('/health'))).body);
    expect(health).toMatchObject({ status: 'ok', error: {} });
    expect(health.details).toEqual(health.info);
    expect(health.details.web).toEqual({
      status: 'up',
      bind: '127.0.0.1:0',
      expose: pool.get('web')!.expose,
      state: 'running',
      tls: false,
      uptime: expect.any(Number),
    });
    expect(Object.keys(health.details)).toEqual(['web', 'management']);
  });

  it('tells what the application is, and what it was told to tell', async () => {
    const info = { build: 'a1b2', version: '9.9.9', nested: { team: ['red'] } };
    const { url } = await managed(opened, make, {
      servers: [],
      management: { ...MANAGEMENT, info },
    });
    const told = JSON.parse((await ask(url('/info'))).body);
    expect(told).toMatchObject({ ...info, node: process.version, pid: process.pid });
    expect(told.uptime).toBeGreaterThan(0);
    expect(told.uptime).toBeLessThanOrEqual(process.uptime());
    expect(typeof told.name).toBe('string');
  });

  it.each(['http1', 'http2'] as const)('speaks %s', async (protocol) => {
    const management = { ...MANAGEMENT, protocol };
    const { pool, url } = await managed(opened, make, { servers: [], management });
    expect(pool.get('management')!.stats().protocol).toBe(protocol);
    if (protocol === 'http1') expect((await ask(url('/livez'))).status).toBe(200);
    else await expect(pool.get('management')!.healthCheck()).resolves.toBeUndefined();
  });
});

describe.each(platforms)('controllers bound to the management server on $name', ({ create }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  @Controller()
  class Ops {
    @Get('flags')
    flags() {
      return { dark: true };
    }

    @Get('livez')
    livez() {
      return 'of the controller';
    }

    @Get('metrics')
    metrics() {
      return 'of the controller';
    }
  }

  it('come after its paths, and where it has none', async () => {
    const feature = HttpPoolModule.forFeature({ server: 'management', controllers: [Ops] });
    const { url } = await managed(
      opened,
      create as never,
      { servers: [WEB], management: LOOPBACK, metrics: false },
      [feature],
    );
    expect((await ask(url('/flags'))).body).toBe('{"dark":true}');
    expect((await ask(url('/livez'))).body).toBe('ok\n');
    expect((await ask(url('/metrics'))).body).toBe('of the controller');
    expect((await ask(url('/nothing'))).status).toBe(404);
    expect((await ask(url('/livez'), { method: 'POST' })).status).toBe(405);
    expect((await ask(url('/flags', 'web'))).status).toBe(404);
  });
});
