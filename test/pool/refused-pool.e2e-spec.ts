import { afterEach, describe, expect, it } from '@jest/globals';
import { Pool, PooledServer, PoolErrorCode, type PoolError } from '../../lib/index.js';
import { thrown } from '../support/events.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const make = (name: string): PooledServer => opened.server({ name, listen: LOOPBACK });

const refuse = (servers: unknown[], signal?: AbortSignal): void => {
  const options = { servers, signal, handlers: () => ({ default: says('of the refused one') }) };
  const error = thrown<PoolError>(() => new Pool(options as never));
  expect(error.code).toBe(PoolErrorCode.ERR_POOL_ADD);
};

const faults: Record<string, () => unknown> = {
  'one of its name': () => make('a'),
  'something else than a server': () => 5,
};

describe('a pool that is refused for its servers has none of them', () => {
  it.each(Object.keys(faults))('beside %s: not their names', async (fault) => {
    const [a, c] = [make('a'), make('c')];
    refuse([a, c, faults[fault]?.()]);
    await a.setConfig({ name: 'c', listen: LOOPBACK });
    expect(a.name).toBe('c');
  });

  it.each(Object.keys(faults))('beside %s: not their handlers', async (fault) => {
    const a = make('a');
    refuse([a, faults[fault]?.()]);
    await a.start();
    expect(await text(a.url)).toMatch(/no handler/);
    const own = opened.server(
      { name: 'own', listen: LOOPBACK },
      { handlers: () => ({ default: says('its own') }) },
    );
    refuse([own, make('a'), make('a')]);
    await own.start();
    expect(await text(own.url)).toBe('its own');
  });

  it('nor, of another pool that they are in, its handlers', async () => {
    const a = make('a');
    const pool = opened.pool({ servers: [a], handlers: () => ({ default: says('of its pool') }) });
    refuse([a, make('a')]);
    await pool.start();
    expect(await text(a.url)).toBe('of its pool');
    pool.handler(() => ({ default: says('of its pool, later') }));
    expect(await text(a.url)).toBe('of its pool, later');
  });

  it('nor their life', async () => {
    const a = make('a');
    const controller = new AbortController();
    refuse([a, make('a')], controller.signal);
    await a.start();
    controller.abort();
    await a.restart();
    expect(a.state).toBe('running');
    await a.stop();
    await a.start();
    expect(a.state).toBe('running');
  });
});
