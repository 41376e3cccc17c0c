import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '../support/events.js';
import { freeListen, freePort } from '../support/free-port.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { states } from './support/running-pools.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const handlers = () => ({ default: says('first'), second: says('second') });

/** A pool with a server that runs on this address. */
async function running(listen: string) {
  const pool = opened.pool({ handlers });
  const server = await pool.storeNew({ name: 'a', listen }, { start: true });
  return { pool, server, moved: waitFor(pool, ({ type }) => type === 'config') };
}

const second = { name: 'b', handlerKey: 'second' };

describe('the address that a server has moved from, before its listener is closed', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['127.0.0.1', '0.0.0.0'],
    ['0.0.0.0', '127.0.0.1'],
  ])('is had by another server of the pool: from %s to %s', async (from, to) => {
    const port = await freePort();
    const { pool, server, moved } = await running(`${from}:${port}`);
    const moving = server.setConfig({ name: 'a', listen: LOOPBACK });
    await moved;
    const other = await pool.storeNew({ ...second, listen: `${to}:${port}` }, { start: true });
    await moving;
    expect([await text(server.url), await text(other.url)]).toEqual(['first', 'second']);
  });

  it('is had by a server of another pool, by an apply', async () => {
    const listen = await freeListen();
    const { pool, server, moved } = await running(listen);
    const next = opened.pool({ handlers });
    await next.start();
    const moving = pool.apply([{ name: 'a', listen: LOOPBACK }]);
    await moved;
    await next.apply([{ ...second, listen }]);
    await moving;
    expect([await text(server.url), await text(next.get('b')?.url)]).toEqual(['first', 'second']);
  });

  it('is had by another server where it is a unix socket, whose file stays', async () => {
    const listen = `unix:${await opened.folder()}/a.sock`;
    const { pool, server, moved } = await running(listen);
    const moving = server.setConfig({ name: 'a', listen: LOOPBACK });
    await moved;
    const other = await pool.storeNew({ ...second, listen }, { start: true });
    await moving;
    await other.healthCheck();
    expect(states(pool)).toEqual(['a running', 'b running']);
  });

  it.each([
    ['the pool', (pool: Awaited<ReturnType<typeof running>>['pool']) => pool.start()],
    ['it', (pool: Awaited<ReturnType<typeof running>>['pool']) => pool.get('b')?.start()],
  ])('is had by one that was stopped, as %s is started while they swap', async (_who, start) => {
    const [one, two] = [await freeListen(), await freeListen()];
    const { pool, server } = await running(one);
    const other = await pool.storeNew({ ...second, listen: two });
    const applied = pool.apply([
      { name: 'a', listen: two },
      { ...second, listen: one },
    ]);
    await Promise.all([applied, start(pool)]);
    expect([server.url, other.url]).toEqual([`http://${two}`, `http://${one}`]);
    expect([await text(server.url), await text(other.url)]).toEqual(['first', 'second']);
  });

  it('is had back by the server itself', async () => {
    const listen = await freeListen();
    const { pool, server, moved } = await running(listen);
    const moving = server.setConfig({ name: 'a', listen: LOOPBACK });
    await moved;
    await Promise.all([moving, server.setConfig({ name: 'a', listen })]);
    expect([states(pool), await text(`http://${listen}`)]).toEqual([['a running'], 'first']);
  });
});
