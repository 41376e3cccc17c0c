import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { failure, record, waitFor } from '../../support/events.js';
import { held, LOOPBACK, says } from '../../support/handlers.js';
import { ask, keepAlive, text } from '../../support/http-client.js';
import { refusal } from '../../support/raw-client.js';
import { freeListen } from '../../support/free-port.js';
import { RunningPools } from '../support/running-pools.js';

describe('apply with a new address', () => {
  const slow = held('slow');
  const opened = new RunningPools({ default: says('ok'), slow: slow.handler });
  afterEach(() => opened.closeAll());

  it('serves on the new address, closes the old one, and is found by the new one', async () => {
    const pool = await opened.started({ name: 'a', listen: LOOPBACK });
    const a = pool.get('a');
    const old = a?.url ?? '';
    const listen = await freeListen();
    const events = record(pool);
    const plan = await pool.apply([{ name: 'a', listen }]);
    expect(plan.steps).toEqual([{ server: 'a', bind: listen, action: 'rebind' }]);
    expect(pool.load(listen)).toBe(a);
    expect(pool.load(new URL(old).host)).toBeUndefined();
    expect(await text(`http://${listen}`)).toBe('ok');
    expect(await refusal(old)).toBe('ECONNREFUSED');
    expect(events).toMatchObject([{ type: 'config', kind: 'rebind', bind: listen }]);
  });

  it('listens on the new address before it closes the old one', async () => {
    const [from, to] = [await freeListen(), await freeListen()];
    const pool = await opened.started({ name: 'a', listen: from });
    const moved = waitFor(pool, ({ type }) => type === 'config');
    const applied = pool.apply([{ name: 'a', listen: to }]);
    await moved;
    const both = await Promise.all([refusal(`http://${from}`), refusal(`http://${to}`)]);
    expect(both).toEqual([undefined, undefined]);
    await applied;
    expect(await refusal(`http://${from}`)).toBe('ECONNREFUSED');
  });

  it('lets the connections of the old address end', async () => {
    const pool = await opened.started({ name: 'a', listen: LOOPBACK, handlerKey: 'slow' });
    const agent = keepAlive();
    opened.onClose(() => agent.destroy());
    const answer = ask(pool.get('a')?.url ?? '', { agent });
    await slow.entered.opened;
    await pool.apply([{ name: 'a', listen: await freeListen() }]);
    expect(await text(pool.get('a')?.url)).toBe('ok');
    slow.release.open();
    const { body, headers } = await answer;
    expect([body, headers.connection]).toEqual(['slow', 'close']);
  });

  it('serves the 200 connections that wait in the accept queue of the old address', async () => {
    const pool = await opened.started(
      { name: 'a', listen: LOOPBACK },
      { name: 'b', listen: LOOPBACK },
    );
    const listen = await freeListen();
    const old = pool.get('a')?.url ?? '';
    const answers = Array.from({ length: 200 }, () => text(old));
    // The connections are under way, and none is accepted before the next turn.
    await pool.apply([
      { name: 'a', listen },
      { name: 'b', listen: LOOPBACK },
    ]);
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['ok']));
    expect(await refusal(old)).toBe('ECONNREFUSED');
  });

  it('takes the port of a port-0 server for its own without a refused connection', async () => {
    const pool = await opened.started({ name: 'a', listen: LOOPBACK });
    const url = pool.get('a')?.url ?? '';
    const listen = new URL(url).host;
    const clients = opened.steady(url);
    await clients.more();
    const plan = await pool.apply([{ name: 'a', listen }]);
    expect(plan.rebind).toEqual(['a']);
    await clients.end();
    expect(clients.failures).toEqual([]);
    expect(pool.get('a')).toMatchObject({ url, bind: listen });
  });

  it('keeps the port of a port-0 server through every other change', async () => {
    const pool = await opened.started({ name: 'a', listen: LOOPBACK });
    const { url } = pool.get('a') ?? {};
    await pool.apply([{ name: 'a', listen: LOOPBACK, idleTimeout: '9s' }]);
    await pool.apply([{ name: 'a', listen: LOOPBACK, protocol: 'http2' }]);
    expect(pool.get('a')?.url).toBe(url);
  });

  it('moves between a port and a unix socket, and leaves no file', async () => {
    const path = join(await opened.folder(), 'a.sock');
    const pool = await opened.started({ name: 'a', listen: LOOPBACK });
    await pool.apply([{ name: 'a', listen: `unix:${path}` }]);
    expect(await text('http://localhost/', { socketPath: path })).toBe('ok');
    await pool.apply([{ name: 'a', listen: LOOPBACK }]);
    expect(await text(pool.get('a')?.url)).toBe('ok');
    expect(existsSync(path)).toBe(false);
  });

  it('takes a whole host where it had one address, and back', async () => {
    const listen = await freeListen();
    const all = listen.replace('127.0.0.1', '0.0.0.0');
    const pool = await opened.started({ name: 'a', listen });
    for (const next of [all, listen, all]) {
      expect((await pool.apply([{ name: 'a', listen: next }])).rebind).toEqual(['a']);
      expect(await text(`http://${listen}`)).toBe('ok');
    }
    expect(pool.get('a')?.bind).toBe(all);
  });

  it('serves on its address again when the one that overlaps it cannot be had', async () => {
    const listen = await freeListen();
    const { port } = new URL(`http://${listen}`);
    const pool = await opened.started({ name: 'a', listen }, { name: 'b', listen: LOOPBACK });
    const b = pool.get('b')?.url;
    // No interface has the address, so the port is free and still can't be bound.
    const bad = [
      { name: 'a', listen: `0.0.0.0:${port}` },
      { name: 'b', listen: '192.0.2.1:80' },
    ];
    const error = await failure(pool.apply(bad));
    expect(error.message).toContain('192.0.2.1');
    expect(await text(`http://${listen}`)).toBe('ok');
    expect(await text(b)).toBe('ok');
    expect([...pool].map(({ state }) => state)).toEqual(['running', 'running']);
  });
});
