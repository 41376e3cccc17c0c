import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { PooledServer } from '../server/pooled-server.js';
import { checkOnce, type CheckedServer } from './server-check.js';

/** An address at which nobody listens. */
async function nobodyAt(): Promise<{ host: string; port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return { host: '127.0.0.1', port };
}

const real = PooledServer.create({ name: 'a', listen: '127.0.0.1:0' });
/** A server that says these of itself. */
const saying = (facts: object): CheckedServer =>
  Object.create(
    real,
    Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, { get: value }])),
  ) as CheckedServer;

describe('a check that meets nobody', () => {
  const listeners = [{ bind: { canonical: 'old' } }, { bind: { canonical: 'new' } }];
  it('says nothing of a server that runs, and moves', async () => {
    const address = await nobodyAt();
    const running = { state: () => 'running' };
    const vacated = { ...running, address: () => undefined, vacated: () => address };
    await expect(checkOnce(saying(vacated), undefined)).resolves.toBeUndefined();
    let asked = 0;
    const listener = (): object => listeners[Math.min(asked++, 1)]!;
    const moved = { ...running, address: () => address, vacated: () => undefined, listener };
    await expect(checkOnce(saying(moved), undefined)).resolves.toBeUndefined();
  });

  it('fails of one that stays, and of one that has stopped meanwhile', async () => {
    const address = await nobodyAt();
    const stays = { state: () => 'running', address: () => address, vacated: () => undefined };
    const still = { ...stays, listener: () => listeners[0] };
    await expect(checkOnce(saying(still), undefined)).rejects.toThrow('ECONNREFUSED');
    let asked = 0;
    const state = (): string => (asked++ === 0 ? 'running' : 'stopped');
    const gone = { state, address: () => undefined, vacated: () => address };
    await expect(checkOnce(saying(gone), undefined)).rejects.toThrow('ECONNREFUSED');
  });
});
