import { afterEach, describe, expect, it } from '@jest/globals';
import { tls } from '../support/certificates.js';
import { record, waitFor } from '../support/events.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

describe('a clone', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('holds stopped copies of all servers, running or not', async () => {
    const pool = opened.pool();
    await pool.storeNew({ name: 'a', listen: LOOPBACK, maxHandlers: 3 }, { start: true });
    await pool.storeNew({ name: 'b', listen: LOOPBACK, disabled: true });
    const copy = opened.addPool(pool.clone());
    expect([...copy].map(({ name, state }) => [name, state])).toEqual([
      ['a', 'stopped'],
      ['b', 'stopped'],
    ]);
    expect(copy.get('a')).not.toBe(pool.get('a'));
    expect(copy.get('a')?.config).toEqual(pool.get('a')?.config);
    expect(copy.get('b')?.disabled).toBe(true);
    expect(pool.get('a')?.isRunning()).toBe(true);
  });

  it('runs beside its original, from the same handlers and default TLS', async () => {
    const pool = opened.pool({ handlers: () => ({ api: says('both') }), tls });
    await pool.storeNew({
      name: 'a',
      listen: LOOPBACK,
      handlerKey: 'api',
      tls: { inheritDefault: true },
    });
    const copy = opened.addPool(pool.clone());
    await Promise.all([pool.start(), copy.start()]);
    const urls = [pool, copy].map((each) => each.get('a')?.url);
    expect(urls[0]).not.toBe(urls[1]);
    expect(await Promise.all(urls.map((url) => text(url)))).toEqual(['both', 'both']);
  });

  it('folds the defaults of its original into the configs that it reads', async () => {
    const copy = opened.addPool(opened.pool({ defaults: { maxHandlers: 3 } }).clone());
    const server = await copy.storeNew({ name: 'a', listen: LOOPBACK });
    expect(server.settings.limits.maxHandlers).toBe(3);
    await copy.apply([
      { name: 'a', listen: LOOPBACK },
      { name: 'b', listen: LOOPBACK },
    ]);
    expect([...copy].map(({ settings }) => settings.limits.maxHandlers)).toEqual([3, 3]);
  });

  it('changes alone, and so does its original', async () => {
    const pool = opened.pool({ handlers: () => ({ default: says('one') }) });
    await pool.storeNew({ name: 'a', listen: LOOPBACK });
    const copy = opened.addPool(pool.clone());
    const events = record(pool);
    await copy.get('a')?.setConfig({ name: 'changed', listen: LOOPBACK });
    await copy.storeNew({ name: 'more', listen: LOOPBACK });
    copy.handler(() => ({ default: says('two') }));
    await copy.start();
    expect([...pool].map(({ name }) => name)).toEqual(['a']);
    expect([...copy].map(({ name }) => name)).toEqual(['changed', 'more']);
    expect(events).toEqual([]);
    await pool.start();
    expect(await text(pool.get('a')?.url)).toBe('one');
    expect(await text(copy.get('changed')?.url)).toBe('two');
    await pool.stop();
    expect(copy.isRunning()).toBe(true);
    await copy.clean();
    expect(pool.len()).toBe(1);
  });

  it('keeps the own handlers of a server, which then change alone', async () => {
    const pool = opened.pool();
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    server.handler(() => ({ default: says('own') }));
    const copy = opened.addPool(pool.clone());
    server.handler(() => ({ default: says('changed') }));
    await copy.start();
    expect(await text(copy.get('a')?.url)).toBe('own');
    expect(await text(server.url)).toBe('changed');
  });

  it('does not stop with the signal of its original, but with its own', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const pool = opened.pool({ signal: first.signal });
    await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    const copy = opened.addPool(pool.clone({ signal: second.signal }));
    await copy.start();
    const poolStopped = waitFor(pool, ({ state }) => state === 'stopped');
    first.abort();
    await poolStopped;
    expect(copy.isRunning()).toBe(true);
    const copyStopped = waitFor(copy, ({ state }) => state === 'stopped');
    second.abort();
    await copyStopped;
    expect(copy.isRunning()).toBe(false);
  });

  it('of an empty pool is empty', () => {
    expect(opened.pool().clone().len()).toBe(0);
  });
});
