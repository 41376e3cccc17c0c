import { afterEach, describe, expect, it } from '@jest/globals';
import { PoolError, type ServerOptions } from '../../../lib/index.js';
import { localhost, renewed, tls } from '../../support/certificates.js';
import { failure, record } from '../../support/events.js';
import { says } from '../../support/handlers.js';
import { get, RawClient } from '../../support/raw-client.js';
import { expectUnchanged, snapshot } from '../../support/snapshot.js';
import { SteadyClients } from '../../support/steady-clients.js';
import { RunningPools, on } from '../support/running-pools.js';

describe('apply that fails a thousand times', () => {
  const opened = new RunningPools({ default: says('first'), second: says('second') });
  afterEach(() => opened.closeAll());

  it('leaves the pool byte for byte as before, and no client of any server sees an error', async () => {
    const pool = await opened.started(
      on('http', { idleTimeout: '1h' }),
      on('https', { tls }),
      on('h2', { tls, protocol: 'http2' }),
      on('moves'),
      on('off', { disabled: true }),
    );
    const { listen } = await opened.takenPort();
    const mismatch = { certs: [{ cert: localhost.cert, key: renewed.key }] };
    const bad: ServerOptions[] = [
      on('bad', { listen }),
      on('bad', { idleTimeout: 'soon' }),
      on('bad', { tls: mismatch }),
      on('bad', { handlerKey: 'nobody' }),
      on('http', { handlerKey: 'second' }),
      on('bad', { tlsMandatory: true, tls: { inheritDefault: true } }),
    ];
    const list = [
      on('http', { handlerKey: 'second', maxConnections: 1 }),
      on('https', { tls: { certs: [renewed] } }),
      on('h2'),
      on('moves', { listen: '127.0.0.2:0' }),
      on('off', { idleTimeout: '1s' }),
      on('new'),
    ];
    const urls = [...pool].flatMap(({ url }) => url?.replace('127.0.0.1', 'localhost') ?? []);
    const clients = new SteadyClients(urls, { family: 4 } as object, 2);
    opened.onClose(() => clients.abort());
    const kept = await RawClient.connect(pool.get('http')?.url ?? '');
    opened.onClose(() => kept.close());
    kept.send(get('/'));
    await kept.until('first');
    const was = snapshot(pool);
    const events = record(pool);
    for (let round = 0; round < 1000; round += 1) {
      const error = await failure<PoolError>(pool.apply([...list, bad[round % bad.length]!]));
      expect(error).toBeInstanceOf(PoolError);
      if (round % 100 === 0) await clients.more();
    }
    expectUnchanged(pool, was);
    expect(events).toEqual([]);
    await clients.end();
    expect(clients.failures).toEqual([]);
    expect(clients.bodies).toEqual(new Set(['first']));
    kept.received = '';
    kept.send(get('/'));
    expect(await kept.until('first')).not.toMatch(/Connection: close/i);
  }, 60_000);

  it('leaves no listener, timer or socket behind, as little as 200 that succeed', async () => {
    const pool = await opened.started(on('a'), on('b', { tls }));
    const { listen } = await opened.takenPort();
    const lists = [
      [on('a', { handlerKey: 'second' }), on('b', { tls: { certs: [renewed] } }), on('c')],
      [on('a', { tls }), on('b', { tls, protocol: 'http2' })],
      [on('a', { listen: '127.0.0.2:0' }), on('c', { listen: '127.0.0.3:0' })],
      [on('a'), on('b', { tls })],
    ] as const;
    const failing = [on('a', { protocol: 'http2' }), on('b'), on('c'), on('bad', { listen })];
    const rounds = async (count: number): Promise<void> => {
      for (let round = 0; round < count; round += 1) {
        await pool.apply(lists[round % lists.length] ?? []);
        await failure(pool.apply(failing));
      }
    };
    await rounds(8);
    const few = resources();
    await rounds(200);
    // A timer of somebody else's may be due now and not then; a leak would be hundreds.
    const grown = Object.entries(resources()).filter(
      ([kind, count]) => count > (few[kind] ?? 0) + 5,
    );
    expect(grown).toEqual([]);
    const servers = [...pool];
    await pool.stop();
    expect(servers.every(({ listener }) => listener === undefined)).toBe(true);
  }, 60_000);
});

/** What lasts: requests to the file system and the like come and go, also by others. */
const lasting = new Set(['TCPServerWrap', 'TCPSocketWrap', 'TLSWrap', 'Timeout']);

/** What keeps the process alive, and the listeners on it, by kind. */
function resources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) {
    if (lasting.has(kind)) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  for (const event of process.eventNames()) {
    counts[`process ${String(event)}`] = process.listenerCount(event);
  }
  return counts;
}
