import { afterEach, describe, expect, it } from '@jest/globals';
import {
  PoolErrorCode,
  ServerErrorCode,
  type PoolError,
  type ServerOptions,
} from '../../../lib/index.js';
import { localhost, renewed, tls } from '../../support/certificates.js';
import { failure, record } from '../../support/events.js';
import { LOOPBACK, says } from '../../support/handlers.js';
import { text } from '../../support/http-client.js';
import { get, RawClient, refusal } from '../../support/raw-client.js';
import { expectUnchanged, snapshot } from '../../support/snapshot.js';
import { RunningPools, on } from '../support/running-pools.js';

const { ERR_POOL_START, ERR_POOL_VALIDATE } = PoolErrorCode;

describe('apply with a fault', () => {
  const opened = new RunningPools({ default: says('first'), second: says('second') });
  afterEach(() => opened.closeAll());

  const before = [
    on('keep'),
    on('live'),
    on('swap'),
    on('rebind'),
    on('certs', { tls }),
    on('off', { disabled: true }),
    on('leaves'),
  ];

  /** Good changes of every kind, which have to be taken back with the bad one. */
  const good = (freeAddress: string): ServerOptions[] => [
    on('keep'),
    on('live', { handlerKey: 'second' }),
    on('swap', { tls }),
    on('rebind', { listen: freeAddress }),
    on('certs', { tls: { certs: [renewed] } }),
    on('off', { idleTimeout: '1s' }),
    on('new'),
  ];

  const faults: [string, () => Promise<ServerOptions>, code: string, message: RegExp][] = [
    [
      'a config at fault',
      async () => on('bad', { idleTimeout: 'soon' }),
      ERR_POOL_VALIDATE,
      /servers\[7\]\.idleTimeout/,
    ],
    [
      'an unknown key',
      async () => on('bad', { port: 80 } as object),
      ERR_POOL_VALIDATE,
      /servers\[7\]\.port/,
    ],
    [
      'a missing certificate file',
      async () => on('bad', { tls: { certs: [{ cert: 'no-such.pem', key: localhost.key }] } }),
      ERR_POOL_VALIDATE,
      /servers\[7\]\.tls\.certs\[0\]\.cert.*no-such\.pem/,
    ],
    [
      'a key of another certificate',
      async () => on('bad', { tls: { certs: [{ cert: localhost.cert, key: renewed.key }] } }),
      ERR_POOL_VALIDATE,
      /servers\[7\]\.tls\.certs\[0\]\.key.*does not match/,
    ],
    [
      'an unknown handlerKey',
      async () => on('bad', { handlerKey: 'nobody' }),
      ERR_POOL_VALIDATE,
      /servers\[7\]\.handlerKey.*'nobody'/,
    ],
    ['a name twice', async () => on('live'), ERR_POOL_VALIDATE, /servers\[7\]\.name.*live/],
    [
      'a port in use',
      async () => on('bad', { listen: (await opened.takenPort()).listen }),
      ERR_POOL_START,
      /bad.*in use/,
    ],
    [
      'an address of another machine',
      async () => on('bad', { listen: '192.0.2.1:80' }),
      ERR_POOL_START,
      /bad.*192\.0\.2\.1/,
    ],
    [
      'TLS that is mandatory and has no certificate',
      async () => on('bad', { tlsMandatory: true, tls: { inheritDefault: true } }),
      ERR_POOL_START,
      /bad.*tlsMandatory/,
    ],
  ];

  it.each(faults)('names it, and leaves the pool as before: %s', async (_, bad, code, message) => {
    const pool = await opened.started(...before);
    const { listen, free } = await opened.takenPort();
    // Before the port is free: another one could be given the same.
    const fault = await bad();
    await free();
    const client = await RawClient.connect(pool.get('live')?.url ?? '');
    opened.onClose(() => client.close());
    client.send(get('/'));
    await client.until('first');
    const was = snapshot(pool);
    const events = record(pool);
    const error = await failure<PoolError>(pool.apply([...good(listen), fault]));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.errors).toHaveLength(1);
    expect(error.errors[0]?.server).toMatch(/bad|live/);
    expectUnchanged(pool, was);
    expect(events).toEqual([]);
    // The open connection goes on as it was, and nobody listens on an address that was given up.
    client.received = '';
    client.send(get('/'));
    expect(await client.until('first')).not.toMatch(/Connection: close/i);
    expect(await refusal(`http://${listen}`)).toBe('ECONNREFUSED');
    for (const server of pool) if (!server.disabled) expect(await text(server.url)).toBe('first');
  });

  it('refuses addresses that overlap', async () => {
    const pool = await opened.started(...before);
    const was = snapshot(pool);
    const list = [on('x', { listen: '0.0.0.0:7000' }), on('y', { listen: '127.0.0.1:7000' })];
    const error = await failure<PoolError>(pool.apply(list));
    expect(error.code).toBe(ERR_POOL_VALIDATE);
    expect(error.message).toMatch(/servers\[1\]\.listen.*overlaps 0\.0\.0\.0:7000/);
    expectUnchanged(pool, was);
  });

  const a = on('a', { listen: '127.0.0.1:7001' });
  const b = on('b', { listen: '127.0.0.1:7002' });
  const c = on('c', { listen: '0.0.0.0:7003' });

  it.each<[string, ServerOptions[], string[]]>([
    ['twice', [a, b, c, a], ['servers[3].name', 'servers[3].listen']],
    ['twice and not as it was', [b, c, { ...b, idleTimeout: '1s' }], ['[2].name', '[2].listen']],
    ['behind another one of its address', [on('d', { listen: b.listen }), b], ['[1].listen']],
    ['before another one of its address', [b, on('d', { listen: b.listen })], ['[1].listen']],
    ['behind one that moves to its address', [{ ...a, listen: b.listen }, b], ['[1].listen']],
    ['before one that moves to its address', [b, { ...a, listen: b.listen }], ['[1].listen']],
    ['beside one that moves to its host', [b, { ...a, listen: '0.0.0.0:7002' }], ['[1].listen']],
    ['beside one that moves into it', [c, { ...a, listen: '127.0.0.1:7003' }], ['[1].listen']],
    ['beside another fault', [a, { ...b, idleTimeout: 'soon' }, a], ['Timeout', 'name', 'listen']],
  ])('refuses a list that has a server of the pool %s', async (_, list, paths) => {
    const pool = opened.pool();
    await pool.apply([a, b, c]);
    const was = snapshot(pool);
    const { code, errors } = await failure<PoolError>(pool.apply(list));
    expect(code).toBe(ERR_POOL_VALIDATE);
    const found = errors.flatMap(({ issues }) => issues.map(({ path }) => path));
    expect(found).toEqual(paths.map((path) => expect.stringContaining(path)));
    expectUnchanged(pool, was);
  });

  it.each(['cert', 'key'])('refuses a list that has a certificate without its %s', async (part) => {
    const pool = await opened.started(...before);
    const was = snapshot(pool);
    const certs = [{ ...localhost, [part]: undefined }] as unknown as (typeof localhost)[];
    const error = await failure<PoolError>(pool.apply([on('certs', { tls: { ...tls, certs } })]));
    expect(error.code).toBe(ERR_POOL_VALIDATE);
    expect(error.message).toMatch(new RegExp(`certs\\[0\\]\\.${part}: got nothing`));
    expectUnchanged(pool, was);
  });

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['an object', { name: 'a', listen: LOOPBACK }],
    ['text', 'servers'],
    ['a list of nothing', [null]],
  ])('refuses what is no list of configs: %s', async (_, list) => {
    const pool = await opened.started(...before);
    const was = snapshot(pool);
    const error = await failure<PoolError>(pool.apply(list as ServerOptions[]));
    expect(error.code).toBe(ERR_POOL_VALIDATE);
    expectUnchanged(pool, was);
  });

  it('tells all faults at once, with an error for each server', async () => {
    const pool = await opened.started(...before);
    const [first, second] = [await opened.takenPort(), await opened.takenPort()];
    const list = [...before, on('x', { listen: first.listen }), on('y', { listen: second.listen })];
    const error = await failure<PoolError>(pool.apply(list));
    expect(error.message).toMatch(/^The pool is as before, 2 of 2 servers/);
    expect(error.errors.map(({ server, bind, code }) => ({ server, bind, code }))).toEqual([
      { server: 'x', bind: first.listen, code: ServerErrorCode.ERR_SERVER_PORT_IN_USE },
      { server: 'y', bind: second.listen, code: ServerErrorCode.ERR_SERVER_PORT_IN_USE },
    ]);
  });
});
