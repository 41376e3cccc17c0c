import { afterEach, describe, expect, it } from '@jest/globals';
import type { PooledServer } from '../../../lib/index.js';
import { BlockedOutClients } from '../../support/blocked-out-clients.js';
import { LOOPBACK, says } from '../../support/handlers.js';
import { Opened } from '../../support/opened.js';
import { protocols } from '../../support/protocols.js';

describe.each(protocols)('what waits in the system over $name', ({ options }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const clientsOf = async (server: PooledServer): Promise<BlockedOutClients> => {
    const clients = await BlockedOutClients.of(server);
    opened.onClose(() => clients.end());
    return clients;
  };

  const servedByPool = async (): Promise<{
    server: PooledServer;
    remove: () => Promise<boolean>;
  }> => {
    const pool = opened.pool({ handlers: () => ({ default: says('hello') }) });
    const server = await pool.storeNew(
      // On a busy machine the handshakes of all clients take longer than the default grace.
      { name: 'a', listen: LOOPBACK, shutdown: { timeout: '50s' }, ...options },
      { start: true },
    );
    return { server, remove: () => pool.delete(new URL(server.url ?? '').host) };
  };

  it('are 200 connections in the accept queue, which a removal serves', async () => {
    const { server, remove } = await servedByPool();
    const clients = await clientsOf(server);
    clients.connectWhileBlocked(200);
    clients.askWhileBlocked();
    expect(server.stats().connections).toBe(0);
    const removed = remove();
    const { answers, failures } = await clients.outcome();
    expect(failures).toEqual([]);
    expect(answers).toEqual(Array(200).fill(1));
    expect(await removed).toBe(true);
  });

  it('are 200 connections in the accept queue that ask only after the removal', async () => {
    const { server, remove } = await servedByPool();
    const clients = await clientsOf(server);
    clients.connectWhileBlocked(200);
    const removed = remove();
    // Their listener is closed by the time they ask.
    while (server.address) await new Promise(setImmediate);
    clients.askWhileBlocked();
    const { answers, failures } = await clients.outcome();
    expect(failures).toEqual([]);
    expect(answers).toEqual(Array(200).fill(1));
    expect(await removed).toBe(true);
  });

  it('are connections that ask late, while the process stands still', async () => {
    const { server, remove } = await servedByPool();
    const clients = await clientsOf(server);
    clients.connectWhileBlocked(20);
    const removed = remove();
    while (server.address) await new Promise(setImmediate);
    standStill(1500);
    clients.askWhileBlocked();
    const { answers, failures } = await clients.outcome();
    expect(failures).toEqual([]);
    expect(answers).toEqual(Array(20).fill(1));
    expect(await removed).toBe(true);
  });

  it('are requests in the buffers of idle connections, which are answered and end with a FIN', async () => {
    const { server } = await servedByPool();
    const clients = await clientsOf(server);
    clients.connectWhileBlocked(40);
    clients.askWhileBlocked();
    expect((await clients.outcome()).failures).toEqual([]);
    clients.askWhileBlocked();
    const stopped = server.stop();
    const { answers, failures } = await clients.outcome();
    expect(failures).toEqual([]);
    expect(answers).toEqual(Array(40).fill(2));
    expect(await clients.closed()).toEqual([]);
    expect(await stopped).toMatchObject({ finished: 40, timedOut: false });
  });

  it('are the clients that a restart meets in the accept queue, which the new transport serves', async () => {
    const { server } = await servedByPool();
    const clients = await clientsOf(server);
    clients.connectWhileBlocked(200);
    clients.askWhileBlocked();
    await server.restart();
    const { answers, failures } = await clients.outcome();
    expect(failures).toEqual([]);
    expect(answers).toEqual(Array(200).fill(1));
  });

  it('end with a FIN when they are idle', async () => {
    const { server } = await servedByPool();
    const clients = await clientsOf(server);
    clients.connectWhileBlocked(40);
    clients.askWhileBlocked();
    await clients.outcome();
    expect(await server.stop()).toMatchObject({ finished: 0, timedOut: false });
    expect(await clients.closed()).toEqual([]);
  });
});

/** Longer than a connection may be silent in a drain. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
