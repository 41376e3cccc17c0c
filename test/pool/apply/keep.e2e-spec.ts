import { afterEach, describe, expect, it } from '@jest/globals';
import type { Pool, PoolOptions, ServerOptions } from '../../../lib/index.js';
import { localhost, tls } from '../../support/certificates.js';
import { failure, record } from '../../support/events.js';
import { LOOPBACK, says } from '../../support/handlers.js';
import { ask, keepAlive, text } from '../../support/http-client.js';
import { Opened } from '../../support/opened.js';
import { expectUnchanged, snapshot } from '../../support/snapshot.js';

describe('apply with what the pool says already', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const started = async (list: ServerOptions[], options: PoolOptions = {}): Promise<Pool> => {
    const pool = opened.pool({ handlers: () => ({ default: says('ok') }), ...options });
    await pool.apply(list);
    await pool.start();
    return pool;
  };

  const everyKind: ServerOptions[] = [
    { name: 'http', listen: LOOPBACK, shutdown: { timeout: '1s' } },
    { name: 'https', listen: LOOPBACK, tls },
    { name: 'h2c', listen: LOOPBACK, protocol: 'http2' },
    { name: 'h2', listen: LOOPBACK, protocol: 'http2', tls },
    { name: 'off', listen: LOOPBACK, disabled: true },
  ];
  const names = everyKind.map(({ name }) => name);

  it('keeps every server, and tells nothing', async () => {
    const pool = await started(everyKind);
    const before = snapshot(pool);
    const events = record(pool);
    const plan = await pool.apply(structuredClone(everyKind));
    expect(plan).toMatchObject({ keep: names, live: [], swap: [], rebind: [], add: [] });
    expect(plan.remove).toEqual([]);
    expectUnchanged(pool, before);
    expect(events).toEqual([]);
  });

  it('leaves open connections with the transport they have', async () => {
    const pool = await started(everyKind);
    const agent = keepAlive();
    opened.onClose(() => agent.destroy());
    const url = pool.get('http')?.url ?? '';
    await ask(url, { agent });
    await pool.apply(everyKind);
    const answer = await ask(url, { agent });
    expect(answer.headers.connection).toBe('keep-alive');
    expect(pool.get('http')?.stats()).toMatchObject({ connections: 1, requests: 2 });
  });

  it('gives a plan with a step for each server, in the order of the list', async () => {
    const pool = await started(everyKind);
    const plan = await pool.apply([...everyKind].reverse());
    expect(plan.steps).toEqual(
      [...names].reverse().map((server) => ({ server, bind: LOOPBACK, action: 'keep' })),
    );
  });

  it.each<[string, Partial<ServerOptions>, Partial<ServerOptions>]>([
    ['a duration in another unit', { idleTimeout: '30s' }, { idleTimeout: 30_000 }],
    ['a default that is written out', {}, { readHeaderTimeout: '30s', protocol: 'http1' }],
    ['the two names of the default handler', { handlerKey: 'default' }, { handlerKey: '' }],
    ['keys that are undefined', {}, { expose: undefined, tls: undefined }],
    ['an address in another spelling', { listen: '127.0.0.1:0' }, { listen: '127.0.0.1:00' }],
    ['an URL in another spelling', { expose: 'http://X.test' }, { expose: 'http://x.test/' }],
    ['a limit of 0', {}, { maxConnections: 0 }],
    [
      'ciphers as text or list',
      { tls: { ...tls, cipherList: 'A:B' } },
      { tls: { ...tls, cipherList: ['A', 'B'] } },
    ],
    [
      'equal data of a monitor',
      { monitor: { data: { team: ['x'] } } },
      { monitor: { data: { team: ['x'] } } },
    ],
  ])('compares by value: %s', async (what, first, second) => {
    const ciphers = (options: Partial<ServerOptions>): Partial<ServerOptions> =>
      JSON.parse(
        JSON.stringify(options)
          .replaceAll('"A:B"', '"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"')
          .replaceAll(
            '["A","B"]',
            '["ECDHE-ECDSA-AES128-GCM-SHA256","ECDHE-RSA-AES128-GCM-SHA256"]',
          ),
      ) as Partial<ServerOptions>;
    const read = what.startsWith('ciphers')
      ? ciphers
      : (options: Partial<ServerOptions>) => options;
    const pool = await started([{ name: 'a', listen: LOOPBACK, ...read(first) }]);
    const plan = await pool.apply([{ name: 'a', listen: LOOPBACK, ...read(second) }]);
    expect(plan.keep).toEqual(['a']);
  });

  it.each<[string, unknown, unknown]>([
    ['dates', new Date(1), new Date(2)],
    ['maps', new Map([['a', 1]]), new Map([['a', 2]])],
    ['lists of another length', [1], [1, 2]],
    ['an empty object and an empty list', {}, []],
  ])('sees a change of a monitor’s data: %s', async (_, first, second) => {
    const pool = await started([{ name: 'a', listen: LOOPBACK, monitor: { data: first } }]);
    const plan = await pool.apply([{ name: 'a', listen: LOOPBACK, monitor: { data: second } }]);
    expect(plan.live).toEqual(['a']);
    expect(pool.get('a')?.config.monitor?.data).toEqual(second);
  });

  it('folds the defaults of the pool into the list, as it does into each config', async () => {
    const defaults = { idleTimeout: '30s', shutdown: { timeout: '1s' } } as const;
    const pool = await started([{ name: 'a', listen: LOOPBACK }], { defaults });
    expect(pool.get('a')?.config.idleTimeout).toBe('30s');
    expect((await pool.apply([{ name: 'a', listen: LOOPBACK }])).keep).toEqual(['a']);
    const written = { name: 'a', listen: LOOPBACK, idleTimeout: 30_000, shutdown: { delay: 0 } };
    expect((await pool.apply([written])).keep).toEqual(['a']);
    expect((await pool.apply([{ ...written, idleTimeout: 0 }])).live).toEqual(['a']);
    expect((await pool.apply([{ name: 'a', listen: LOOPBACK }])).live).toEqual(['a']);
    expect(pool.get('a')?.config.idleTimeout).toBe('30s');
  });

  it('brings a server that was stored without the pool’s defaults to the defaults', async () => {
    const pool = opened.pool({ defaults: { idleTimeout: '9s' } });
    const twin = opened.pool();
    await pool.store(await twin.storeNew({ name: 'a', listen: LOOPBACK }));
    expect((await pool.apply([{ name: 'a', listen: LOOPBACK }])).live).toEqual(['a']);
    expect(pool.get('a')?.config.idleTimeout).toBe('9s');
  });

  it('keeps the list of the caller as it is, and nothing of it alive', async () => {
    const list = [{ name: 'a', listen: LOOPBACK, logFilter: ['x'] }];
    const pool = await started(list);
    list[0]?.logFilter.push('y');
    expect(pool.get('a')?.config.logFilter).toEqual(['x']);
    expect((await pool.apply(list)).live).toEqual(['a']);
  });

  it('with dryRun gives the plan that apply then carries out, and changes nothing', async () => {
    const pool = await started(everyKind);
    const before = snapshot(pool);
    const events = record(pool);
    const list: ServerOptions[] = [
      { name: 'http', listen: LOOPBACK, idleTimeout: '9s' },
      { name: 'https', listen: LOOPBACK },
      { name: 'h2', listen: '127.0.0.2:0', protocol: 'http2', tls },
      { name: 'off', listen: LOOPBACK, disabled: true },
      { name: 'new', listen: LOOPBACK },
    ];
    const plan = await pool.apply(list, { dryRun: true });
    expect(plan).toMatchObject({ live: ['http'], swap: ['https'], rebind: ['h2'] });
    expect(plan).toMatchObject({ keep: ['off'], add: ['new'], remove: ['h2c'] });
    expectUnchanged(pool, before);
    expect(events).toEqual([]);
    expect(await pool.apply(list)).toEqual(plan);
    expect((await pool.apply(list)).keep).toEqual(['http', 'https', 'h2', 'off', 'new']);
  });

  it('with dryRun tells the faults of the list', async () => {
    const pool = await started([]);
    const bad = [
      { name: 'a', listen: LOOPBACK, tls: { certs: [{ ...localhost, key: 'no.pem' }] } },
    ];
    const error = await failure(pool.apply(bad, { dryRun: true }));
    expect(error.message).toContain('servers[0].tls.certs[0].key');
  });

  it('removes all servers with an empty list', async () => {
    const pool = await started(everyKind);
    expect((await pool.apply([])).remove).toEqual(names);
    expect(pool.len()).toBe(0);
    expect((await pool.apply([])).steps).toEqual([]);
  });

  it('leaves a stopped server stopped, and a server that runs in an unstarted pool running', async () => {
    const pool = opened.pool({ handlers: () => ({ default: says('ok') }) });
    const list = [
      { name: 'a', listen: LOOPBACK },
      { name: 'b', listen: LOOPBACK },
    ];
    await pool.apply(list);
    await pool.get('a')?.start();
    await pool.apply(list);
    expect([...pool].map(({ state }) => state)).toEqual(['running', 'stopped']);
    expect(await text(pool.get('a')?.url)).toBe('ok');
  });
});
