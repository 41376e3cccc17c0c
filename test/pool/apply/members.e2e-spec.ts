import { afterEach, describe, expect, it } from '@jest/globals';
import { tls } from '../../support/certificates.js';
import { record } from '../../support/events.js';
import { held, says } from '../../support/handlers.js';
import { text } from '../../support/http-client.js';
import { refusal } from '../../support/raw-client.js';
import { RunningPools, on, states } from '../support/running-pools.js';

describe('apply with servers that come and go', () => {
  const slow = held('slow');
  const opened = new RunningPools({
    default: says('ok'),
    slow: slow.handler,
    second: says('second'),
  });
  afterEach(() => opened.closeAll());

  it('adds servers and starts them when the pool has been started', async () => {
    const pool = await opened.started(on('a'));
    const events = record(pool);
    expect((await pool.apply([on('a'), on('b'), on('c', { tls })])).add).toEqual(['b', 'c']);
    expect(states(pool)).toEqual(['a running', 'b running', 'c running']);
    expect(await text(pool.get('b')?.url)).toBe('ok');
    expect(await text(pool.get('c')?.url)).toBe('ok');
    expect(events.map(({ type, server, state }) => `${server} ${type} ${state}`)).toEqual([
      'b added stopped',
      'b state running',
      'c added stopped',
      'c state running',
    ]);
  });

  it('starts what it adds to an empty pool that has been started', async () => {
    const pool = await opened.started();
    await pool.apply([on('a')]);
    expect(states(pool)).toEqual(['a running']);
  });

  it('leaves what it adds stopped when the pool has not been started, or was stopped', async () => {
    const pool = opened.pool();
    await pool.apply([on('a')]);
    expect(states(pool)).toEqual(['a stopped']);
    await pool.start();
    await pool.stop();
    expect((await pool.apply([on('a'), on('b')])).add).toEqual(['b']);
    expect(states(pool)).toEqual(['a stopped', 'b stopped']);
    await pool.start();
    expect(await text(pool.get('b')?.url)).toBe('ok');
  });

  it('adds a disabled server and never starts it', async () => {
    const { listen } = await opened.takenPort();
    const pool = await opened.started(on('a'));
    await pool.apply([on('a'), on('off', { listen, disabled: true })]);
    expect(states(pool)).toEqual(['a running', 'off stopped']);
  });

  it('gives what it adds the handlers of the pool, now and when they change', async () => {
    const pool = await opened.started(on('a'));
    await pool.apply([on('a'), on('b', { handlerKey: 'second' })]);
    const url = pool.get('b')?.url;
    expect(await text(url)).toBe('second');
    pool.handler(() => ({ second: says('third') }));
    expect(await text(url)).toBe('third');
  });

  it('drains what it removes, and resolves when that is done', async () => {
    const pool = await opened.started(on('a', { handlerKey: 'slow' }), on('b'));
    const a = pool.get('a');
    const url = a?.url ?? '';
    const events = record(pool);
    const answer = text(url);
    await slow.entered.opened;
    let isDone = false;
    const applied = pool.apply([on('b')]).finally(() => (isDone = true));
    // The next apply waits; a look does not.
    while (pool.has(a?.bind ?? '') && pool.get('a')) await text(pool.get('b')?.url);
    expect(a?.state).toBe('draining');
    expect(await text(pool.get('b')?.url)).toBe('ok');
    expect(isDone).toBe(false);
    slow.release.open();
    expect(await answer).toBe('slow');
    expect((await applied).remove).toEqual(['a']);
    expect(await refusal(url)).toBe('ECONNREFUSED');
    expect(events.map(({ type, state }) => `${type} ${state}`)).toEqual([
      'removed running',
      'state draining',
      'state stopped',
    ]);
    expect(events.at(-1)?.report).toMatchObject({ finished: 1, timedOut: false });
  });

  it('serves the 200 connections that wait in the accept queue of what it removes', async () => {
    const pool = await opened.started(on('a'), on('b'));
    const url = pool.get('a')?.url;
    const answers = Array.from({ length: 200 }, () => text(url));
    await pool.apply([on('b')]);
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['ok']));
  });

  it('hears no more of a server that it removed', async () => {
    const pool = await opened.started(on('a'));
    const a = pool.get('a');
    await pool.apply([]);
    const events = record(pool);
    if (a) opened.addServer(a);
    await a?.start();
    expect(events).toEqual([]);
    expect(a?.isRunning()).toBe(true);
  });

  it('removes a stopped, a failed and a disabled server', async () => {
    const { listen } = await opened.takenPort();
    const pool = await opened.started(on('a'), on('off', { disabled: true }));
    await pool.storeNew(on('bad', { listen })).then((server) => server.start().catch(() => 0));
    await pool.get('a')?.stop();
    expect(states(pool)).toEqual(['a stopped', 'off stopped', 'bad failed']);
    expect((await pool.apply([])).remove).toEqual(['a', 'off', 'bad']);
    expect(pool.len()).toBe(0);
  });
});
