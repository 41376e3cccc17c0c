import { afterEach, describe, expect, it } from '@jest/globals';
import type { Pool, ServerOptions } from '../../lib/index.js';
import { failure } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';
import { on, states } from './support/running-pools.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const silent = () => new Promise<never>(() => undefined);
const waiting = on('waiting', { tls: { inheritDefault: true } });

const poolOf = async (...list: ServerOptions[]): Promise<Pool> => {
  const pool = opened.pool({ tls: silent });
  await pool.apply(list);
  return pool;
};

describe('a server that a list adds', () => {
  type Call = (pool: Pool) => unknown;
  const ups: Record<string, Call> = {
    'a restart of the pool': (pool) => pool.restart(),
    'a restart of a view': (pool) => pool.filter('name', 'a').restart(),
    'a start of a view': (pool) => pool.filter('name', 'a').start(),
    'a start of a server': (pool) => pool.get('a')?.start(),
    'a restart of a server': (pool) => pool.get('a')?.restart(),
    'a change and a start of a server': (pool) => {
      return [pool.get('a')?.setConfig(on('a', { readTimeout: 9000 })), pool.get('a')?.start()];
    },
    'a stop and a restart': (pool) => [pool.start(), pool.stop(), pool.restart()],
  };
  it.each(Object.keys(ups))('starts behind %s that is under way', async (name) => {
    const pool = await poolOf(on('a'));
    const up = [ups[name]?.(pool)].flat();
    await pool.apply([on('a'), on('c')]);
    await Promise.all(up);
    expect(states(pool)).toEqual(['a running', 'c running']);
  });

  const downs: Record<string, Call> = {
    'a start and a stop of a server': (pool) => [pool.get('a')?.start(), pool.get('a')?.stop()],
    'a restart and a stop': (pool) => [pool.restart(), pool.stop()],
  };
  it.each(Object.keys(downs))('stays stopped behind %s that are under way', async (name) => {
    const pool = await poolOf(on('a'));
    const down = [downs[name]?.(pool)].flat();
    await pool.apply([on('a'), on('c')]);
    await Promise.all(down);
    expect(states(pool)).toEqual(['a stopped', 'c stopped']);
  });

  it('starts in a pool that was restarted and whose servers have stopped since, as in one that was started', async () => {
    const pool = await poolOf(on('a'));
    await pool.restart();
    await pool.get('a')?.stop();
    await pool.apply([on('a'), on('c')]);
    expect(states(pool)).toEqual(['a stopped', 'c running']);
  });
});

describe('a start that is given up', () => {
  const givenUp = async (pool: Pool, meanwhile?: () => Promise<unknown>) => {
    const controller = new AbortController();
    const start = failure(pool.start({ signal: controller.signal }));
    const more = meanwhile?.();
    controller.abort();
    await start;
    await more;
  };
  const addsTo = async (pool: Pool) => {
    await pool.apply([waiting, on('c')]);
    return pool.get('c')?.state;
  };

  it('leaves the pool off, if it was', async () => {
    const pool = await poolOf(waiting);
    await givenUp(pool);
    expect(await addsTo(pool)).toBe('stopped');
  });

  it('leaves it off while what was started stops again', async () => {
    const pool = await poolOf(waiting);
    const controller = new AbortController();
    const start = failure(pool.start({ signal: controller.signal }));
    controller.abort();
    expect(await addsTo(pool)).toBe('stopped');
    await start;
  });

  it('leaves it on, if it was', async () => {
    const pool = await poolOf();
    await pool.start();
    await pool.storeNew(waiting);
    await givenUp(pool);
    expect(await addsTo(pool)).toBe('running');
  });

  it('leaves it on for a start that came meanwhile', async () => {
    const pool = await poolOf(waiting);
    const starts: Promise<Error>[] = [];
    await givenUp(pool, async () => void starts.push(failure(pool.start())));
    await pool.get('waiting')?.stop();
    await Promise.all(starts);
    expect(await addsTo(pool)).toBe('running');
  });

  it('leaves it off for a stop that came meanwhile, and on for a start behind that', async () => {
    const pool = await poolOf(waiting, on('b'));
    await givenUp(pool, () => pool.stop());
    expect(await addsTo(pool)).toBe('stopped');
    const disabled = { ...waiting, disabled: true };
    await pool.apply([waiting]);
    await givenUp(pool, async () => {
      const stop = pool.stop();
      await pool.apply([disabled]);
      await Promise.all([stop, pool.start()]);
    });
    await pool.apply([disabled, on('c')]);
    expect(states(pool)).toEqual(['waiting stopped', 'c running']);
  });

  it('leaves it off for a restart that is given up as well', async () => {
    const pool = await poolOf(waiting, on('b'));
    const controller = new AbortController();
    const restart = failure(pool.restart({ signal: controller.signal }));
    controller.abort();
    await pool.get('waiting')?.stop();
    await restart;
    expect(states(pool)).toEqual(['waiting stopped', 'b stopped']);
    expect(await addsTo(pool)).toBe('stopped');
  });

  it('is a start all the same when the signal aborts behind it', async () => {
    const pool = await poolOf({ name: 'a', listen: LOOPBACK });
    const controller = new AbortController();
    await pool.start({ signal: controller.signal });
    controller.abort();
    expect(states(pool)).toEqual(['a running']);
    await pool.get('a')?.stop();
    await pool.apply([on('a'), on('c')]);
    expect(states(pool)).toEqual(['a stopped', 'c running']);
  });
});
