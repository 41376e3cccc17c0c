import { afterEach, describe, expect, it } from '@jest/globals';
import type { Pool, PooledServer } from '../../lib/index.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

const binds = ['127.0.0.1:7001', '127.0.0.1:7002', '[::]:7003'];

describe('walking a pool', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const poolOfThree = async (): Promise<Pool> => {
    const pool = opened.pool();
    for (const listen of binds) await pool.storeNew({ name: `on ${listen}`, listen });
    return pool;
  };

  it('visits every server with its bind address, in the order they came', async () => {
    const visited: [string, PooledServer][] = [];
    const pool = await poolOfThree();
    pool.walk((bind, server) => void visited.push([bind, server]));
    expect(visited).toEqual([...pool].map((server) => [server.bind, server]));
  });

  it('stops when the visitor returns false, and for nothing else', async () => {
    const pool = await poolOfThree();
    const visited: string[] = [];
    pool.walk((bind) => {
      visited.push(bind);
      return bind !== binds[1];
    });
    expect(visited).toEqual(binds.slice(0, 2));
    let all = 0;
    pool.walk(() => {
      all += 1;
      return undefined;
    });
    expect(all).toBe(3);
  });

  it('visits only the given addresses, in any spelling', async () => {
    const pool = await poolOfThree();
    const visited: string[] = [];
    pool.walkLimit((bind) => void visited.push(bind), ':7003', '127.0.0.1:7001', 'nonsense');
    expect(visited).toEqual(['127.0.0.1:7001', '[::]:7003']);
  });

  it('stops a limited walk when the visitor returns false', async () => {
    const visited: string[] = [];
    (await poolOfThree()).walkLimit(
      (bind) => {
        visited.push(bind);
        return false;
      },
      ...binds,
    );
    expect(visited).toEqual(binds.slice(0, 1));
  });

  it('visits all in a limited walk without addresses, and none when no address is known', async () => {
    const pool = await poolOfThree();
    let visits = 0;
    pool.walkLimit(() => void (visits += 1));
    expect(visits).toBe(3);
    pool.walkLimit(() => void (visits += 1), '127.0.0.1:1');
    expect(visits).toBe(3);
  });

  it('does nothing in an empty pool or without a visitor', async () => {
    const visit = (): never => {
      throw new Error('there is nothing to visit');
    };
    expect(() => opened.pool().walk(visit)).not.toThrow();
    const pool = await poolOfThree();
    expect(() => pool.walk(undefined as never)).not.toThrow();
  });

  it('goes over a snapshot: servers may come and go meanwhile', async () => {
    const pool = await poolOfThree();
    const work: Promise<unknown>[] = [];
    let visits = 0;
    pool.walk((bind) => {
      visits += 1;
      work.push(pool.delete(bind), pool.storeNew({ name: `new ${visits}`, listen: LOOPBACK }));
    });
    await Promise.all(work);
    expect(visits).toBe(3);
    expect([...pool].map(({ name }) => name)).toEqual(['new 1', 'new 2', 'new 3']);
  });

  it('throws what the visitor throws', async () => {
    const pool = await poolOfThree();
    const visit = (): never => {
      throw new Error('enough');
    };
    expect(() => pool.walk(visit)).toThrow('enough');
  });
});
