import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Registry, register } from 'prom-client';
import { WebSocket, WebSocketServer } from 'ws';
import type { Handler } from '../../lib/index.js';
import { Opened } from '../nest/support/adapters.js';
import { ca, tls } from '../support/certificates.js';
import { held, LOOPBACK, says } from '../support/handlers.js';
import { ask, keepAlive } from '../support/http-client.js';
import { Http2Client } from '../support/http2-client.js';
import { Opened as OpenedServers } from '../support/opened.js';
import { ACTIVE, CONNECTIONS, COUNT, Exposition } from './support/exposition.js';
import { measured } from './support/measured.js';

const opened = new Opened();
const openedServers = new OpenedServers();
afterEach(async () => {
  await opened.closeAll();
  await openedServers.closeAll();
});

const ACCEPTED = 'http_pool_connections_accepted_total';
const APPLIES = 'http_pool_config_applies_total';
const LAST = 'http_pool_config_last_apply_successful';
const handlers = () => ({ default: says('hello') });
const api = { name: 'api', listen: LOOPBACK };

describe('the series of a server', () => {
  it('say that it is not up when its monitor finds it down, and up when it is well again', async () => {
    let isIll = true;
    const it_ = await measured(opened, {
      servers: [
        {
          ...api,
          monitor: { path: '/', intervalCheck: 20, intervalFall: 20, intervalRise: 20 },
        },
      ],
      handlers: () => ({
        default: (_request, response) => {
          response.statusCode = isIll ? 500 : 200;
          response.end();
        },
      }),
    });
    await it_.until((scraped) => scraped.value('http_pool_server_up', { server: 'api' }) === 0);
    const down = await it_.scrape();
    expect(down.value('http_pool_server_state', { state: 'running' })).toBe(1);
    isIll = false;
    await it_.until((scraped) => scraped.value('http_pool_server_up', { server: 'api' }) === 1);
  });

  it('tell what state it is in', async () => {
    const it_ = await measured(opened, { servers: [api], handlers, autoStart: false });
    await it_.pool.start();
    const running = await it_.scrape();
    expect(running.value('http_pool_server_up', { server: 'api' })).toBe(1);
    expect(running.value('http_pool_server_state', { server: 'api', state: 'running' })).toBe(1);
    expect(running.value('http_pool_server_state', { server: 'api' })).toBe(1);
    expect(running.values('http_pool_server_state', 'state')).toEqual([
      'draining',
      'failed',
      'running',
      'starting',
      'stopped',
    ]);
    expect(running.value('http_pool_server_uptime_seconds')).toBeGreaterThan(0);
    await it_.pool.stop();
    const stopped = await it_.scrape();
    expect(stopped.value('http_pool_server_up', { server: 'api' })).toBe(0);
    expect(stopped.value('http_pool_server_uptime_seconds')).toBe(0);
    expect(stopped.value('http_pool_server_state', { state: 'stopped' })).toBe(1);
  });

  it('count on over restart, stop and start, a rebind and another protocol', async () => {
    const { listen, free } = await openedServers.takenPort();
    const it_ = await measured(opened, { servers: [api], handlers });
    const server = it_.pool.get('api')!;
    const askOnce = () => ask(it_.url('api'));
    await askOnce();
    await server.restart();
    await askOnce();
    await server.stop();
    await server.start();
    await askOnce();
    await free();
    await server.setConfig({ ...api, listen });
    await askOnce();
    await server.setConfig({ ...api, listen, tls });
    await askOnce();
    const scraped = await it_.until((one) => one.value(COUNT) === 5);
    expect(scraped.value(ACCEPTED, { server: 'api' })).toBe(5);
    expect(scraped.value('http_pool_drain_duration_seconds_count', { server: 'api' })).toBe(1);
  });

  it('keep what was counted under the name that it has now', async () => {
    const it_ = await measured(opened, { servers: [api], handlers });
    await ask(it_.url('api'));
    await it_.until((one) => one.value(COUNT) === 1);
    await it_.pool.get('api')!.setConfig({ ...api, name: 'renamed' });
    const scraped = await it_.scrape();
    expect(scraped.values(COUNT, 'server')).toEqual(['renamed']);
    expect(scraped.value(COUNT)).toBe(1);
  });

  it('come and leave with it', async () => {
    const it_ = await measured(opened, { servers: [api], handlers });
    const other = await it_.pool.storeNew({ name: 'other', listen: LOOPBACK }, { start: true });
    await ask(other.url!);
    await it_.until((one) => one.value(COUNT, { server: 'other' }) === 1);
    await it_.pool.apply([api]);
    const scraped = await it_.scrape();
    expect(scraped.series.filter(({ labels }) => labels.server === 'other')).toEqual([]);
    expect(scraped.value('http_pool_server_up', { server: 'api' })).toBe(1);
    const taken = it_.pool.loadAndDelete(it_.pool.get('api')!.bind);
    expect((await it_.scrape()).series.filter(({ labels }) => labels.server)).toEqual([]);
    await taken?.stop();
  });

  it('are there for a server that is added and serves at once', async () => {
    const it_ = await measured(opened, { servers: [], handlers });
    await it_.pool.apply([api, { name: 'b', listen: LOOPBACK }]);
    await ask(it_.url('api'));
    await ask(it_.url('b'));
    const scraped = await it_.until((one) => one.value(COUNT) === 2);
    expect(scraped.value(ACCEPTED)).toBe(2);
  });
});

describe('lists of configs', () => {
  it('are counted by what became of them, and a dry run is none', async () => {
    const taken = await openedServers.takenPort();
    const it_ = await measured(opened, { servers: [api], handlers });
    const { pool } = it_;
    expect((await it_.scrape()).value(APPLIES)).toBe(0);
    expect((await it_.scrape()).value(LAST)).toBe(1);
    await pool.apply([api, { name: 'b', listen: LOOPBACK }], { dryRun: true });
    await pool.apply([{ name: '' } as never], { dryRun: true }).catch(() => undefined);
    expect((await it_.scrape()).value(APPLIES)).toBe(0);

    await expect(pool.apply([{ name: 'b', listen: 'nonsense' }])).rejects.toThrow(
      'servers[0].listen',
    );
    const rejected = await it_.scrape();
    expect(rejected.value(APPLIES, { outcome: 'rejected' })).toBe(1);
    expect(rejected.value(LAST)).toBe(0);

    await expect(pool.apply([api, { name: 'b', listen: taken.listen }])).rejects.toThrow('in use');
    const back = await it_.scrape();
    expect(back.value(APPLIES, { outcome: 'rolled_back' })).toBe(1);
    expect(back.value(LAST)).toBe(0);

    await pool.apply([api]);
    const applied = await it_.scrape();
    expect(applied.value(APPLIES, { outcome: 'applied' })).toBe(1);
    expect(applied.value(APPLIES)).toBe(3);
    expect(applied.value(LAST)).toBe(1);
  });
});

it('counts a list that did not stand its probation as taken back', async () => {
  const ill: RequestListener = (_request, response) => void response.writeHead(500).end();
  const options = { servers: [api], handlers: () => ({ default: says('well'), ill }) };
  const { pool, scrape } = await measured(opened, options);
  const list = [{ ...api, handlerKey: 'ill', monitor: { path: '/' } }];
  await expect(pool.apply(list, { probation: '10s' })).rejects.toThrow('did not stay healthy');
  const scraped = await scrape();
  expect(scraped.value(APPLIES, { outcome: 'rolled_back' })).toBe(1);
  expect(scraped.value(APPLIES)).toBe(1);
  expect(scraped.value(LAST)).toBe(0);
});

describe('connections', () => {
  it.each([
    ['http', {}],
    ['https', { tls }],
  ])(
    'that are upgraded over %s are told as such, and their requests are none',
    async (_name, more) => {
      const wss = new WebSocketServer({ noServer: true });
      const handler: Handler = {
        request: says('hello'),
        upgrade: (request, socket, head) =>
          wss.handleUpgrade(request, socket as never, head, () => undefined),
      };
      const servers = [{ ...api, ...more }];
      const it_ = await measured(opened, { servers, handlers: () => ({ default: handler }) });
      const client = new WebSocket(it_.url('api').replace('http', 'ws'), { ca: ca.cert });
      await once(client, 'open');
      const during = await it_.scrape();
      expect(during.value(CONNECTIONS, { kind: 'upgraded' })).toBe(1);
      expect(during.value(CONNECTIONS)).toBe(1);
      client.close();
      const after = await it_.until((one) => one.value(CONNECTIONS) === 0);
      expect(after.value(ACCEPTED)).toBe(1);
      expect(after.value(COUNT)).toBeUndefined();
    },
  );

  it.each([
    ['h2c', {}],
    ['h2', { tls }],
  ])('of %s are told as sessions', async (_name, more) => {
    const servers = [{ ...api, ...more, protocol: 'http2' as const }];
    const it_ = await measured(opened, { servers, handlers });
    const client = opened.add(await Http2Client.connect(it_.url('api')), (one) => one.close());
    await client.ask('/');
    const during = await it_.scrape();
    expect(during.value(CONNECTIONS, { kind: 'http2' })).toBe(1);
    expect(during.value(CONNECTIONS)).toBe(1);
    await client.close();
    await it_.until((one) => one.value(CONNECTIONS) === 0);
  });

  it('are told by kind, and counted when they are accepted and refused', async () => {
    const it_ = await measured(opened, {
      servers: [
        { ...api, maxConnections: 2 },
        { name: 'secure', listen: LOOPBACK, tls },
      ],
      handlers,
    });
    const { port } = new URL(it_.url('api'));
    const agent = opened.add(keepAlive(false), async (one) => one.destroy());
    await ask(it_.url('api'), { agent });
    const silent = connect(Number(port), '127.0.0.1');
    await once(silent, 'connect');
    await it_.until((one) => one.value(CONNECTIONS, { server: 'api', kind: 'http1' }) === 2);
    const third = connect(Number(port), '127.0.0.1').on('error', () => undefined);
    await once(third, 'close');
    const refused = await it_.until(
      (one) => one.value('http_pool_connections_refused_total', { reason: 'limit' }) === 1,
    );
    expect(refused.value(ACCEPTED, { server: 'api' })).toBe(2);
    silent.destroy();
    await it_.until((one) => one.value(CONNECTIONS, { server: 'api', kind: 'http1' }) === 1);

    const secure = new URL(it_.url('secure'));
    const handshake = connect(Number(secure.port), '127.0.0.1').on('error', () => undefined);
    await it_.until((one) => one.value(CONNECTIONS, { server: 'secure', kind: 'tls' }) === 1);
    handshake.write('no handshake').valueOf();
    await once(handshake.resume(), 'close');
    const failed = await it_.until(
      (one) => one.value('http_pool_connections_refused_total', { reason: 'tls' }) === 1,
    );
    expect(failed.value(ACCEPTED, { server: 'secure' })).toBe(1);
    expect(failed.value(CONNECTIONS, { server: 'secure' })).toBe(0);
  });

  it('that a drain cuts are counted by kind', async () => {
    const { handler, entered } = held('never');
    const it_ = await measured(opened, { servers: [api], handlers: () => ({ default: handler }) });
    const asked = ask(it_.url('api')).catch(() => undefined);
    await entered.opened;
    await it_.pool.get('api')!.stop({ timeout: 0 });
    await asked;
    const scraped = await it_.until((one) => one.value(COUNT) === 1);
    expect(scraped.value('http_pool_connections_cut_total', { server: 'api', kind: 'http1' })).toBe(
      1,
    );
    expect(scraped.value('http_pool_connections_cut_total')).toBe(1);
    expect(scraped.value('http_pool_drain_duration_seconds_count')).toBe(1);
    expect(scraped.value(COUNT, { http_response_status_code: '' })).toBe(1);
    expect(scraped.value(ACTIVE)).toBe(0);
  });
});

describe('requests that a limit turns away', () => {
  it('are counted by their reason, and with their status', async () => {
    const { handler, entered, release } = held('done');
    const it_ = await measured(opened, {
      servers: [{ ...api, maxHandlers: 1 }],
      handlers: () => ({ default: handler }),
    });
    const first = ask(it_.url('api'));
    await entered.opened;
    expect((await ask(it_.url('api'))).status).toBe(503);
    const scraped = await it_.until((one) => one.value(COUNT) === 1);
    expect(scraped.value(COUNT, { http_response_status_code: '503' })).toBe(1);
    expect(scraped.value('http_pool_requests_shed_total', { reason: 'max_handlers' })).toBe(1);
    expect(scraped.value('http_pool_requests_shed_total')).toBe(1);
    release.open();
    await first;
  });
});

describe('certificates', () => {
  it('tell when they end', async () => {
    const it_ = await measured(opened, { servers: [{ ...api, tls }], handlers });
    const scraped = await it_.scrape();
    const [{ notAfter, names }] = it_.pool.get('api')!.stats().certificates as never as [
      { notAfter: string; names: string[] },
    ];
    expect(
      scraped.value('http_pool_tls_certificate_not_after_seconds', {
        server: 'api',
        name: names[0]!,
      }),
    ).toBe(Date.parse(notAfter) / 1000);
  });
});

describe('one registry', () => {
  it('is shared by applications, and left as it was found', async () => {
    const registry = new Registry();
    const servers = [api];
    const one = await measured(opened, { servers, handlers }, registry);
    const two = await measured(opened, { servers, handlers }, registry);
    await ask(one.url('api'));
    await ask(two.url('api'));
    const both = await one.until((scraped) => scraped.value(COUNT) === 2);
    expect(both.matching(COUNT)).toHaveLength(1);
    expect(both.matching('http_pool_server_up')).toHaveLength(1);
    await one.app.close();
    expect((await two.scrape()).value(COUNT)).toBe(1);
    await two.app.close();
    expect(registry.getMetricsAsArray()).toEqual([]);
  });

  it('serves twenty applications one after the other, by default that of prom-client', async () => {
    for (let at = 0; at < 20; at += 1) {
      const { app, url, pool } = await measured(opened, {
        servers: [api],
        handlers,
        metrics: true,
      });
      await ask(url('api'));
      while (Exposition.read(await register.metrics()).value(COUNT) !== 1) await pool.monitor();
      await app.close();
    }
    expect(Exposition.read(await register.metrics()).series).toEqual([]);
  });

  it('may be cleared, reset and aggregated', async () => {
    const it_ = await measured(opened, { servers: [api], handlers });
    await ask(it_.url('api'));
    await it_.until((one) => one.value(COUNT) === 1);
    const { AggregatorRegistry } = await import('prom-client');
    const json = await it_.registry.getMetricsAsJSON();
    const sum = await AggregatorRegistry.aggregate([json, json] as never).metrics();
    expect(Exposition.read(sum).value(COUNT)).toBe(2);
    expect(Exposition.read(sum).value('http_pool_server_up')).toBe(1);
    it_.registry.resetMetrics();
    expect((await it_.scrape()).value(COUNT)).toBeUndefined();
    expect((await it_.scrape()).value('http_pool_server_up')).toBe(1);
    it_.registry.clear();
    expect((await it_.scrape()).series).toEqual([]);
  });

  it('may write OpenMetrics', async () => {
    const registry = new Registry();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
    const it_ = await measured(opened, { servers: [api], handlers }, registry);
    await ask(it_.url('api'));
    for (let at = 0; at < 2; at += 1) {
      const scraped = await it_.until((one) => one.value(COUNT) === 1);
      expect(scraped.value(ACCEPTED)).toBe(1);
    }
    await it_.app.close();
    expect(registry.getMetricsAsArray()).toEqual([]);
  });
});
