import { describe, expect, it } from '@jest/globals';
import { failure, gate, thrown } from '../../../test/support/events.js';
import { PoolErrorCode, type PoolError } from '../../errors/pool.error.js';
import { ServerError, ServerErrorCode } from '../../errors/server.error.js';
import { PooledServer } from '../../server/pooled-server.js';
import { gather, headline, throwIfAny } from './gather.js';

const servers = ['a', 'b', 'c', 'd'].map((name) =>
  PooledServer.create({ name, listen: '127.0.0.1:0' }),
);

describe('gather', () => {
  it('works for all at once, and keeps their order whoever is done first', async () => {
    const allBegun = gate();
    let begun = 0;
    const { results, errors } = await gather(servers, async ({ name }) => {
      begun += 1;
      if (begun === servers.length) allBegun.open();
      await allBegun.opened;
      if (name !== 'a') return name;
      await Promise.resolve();
      return name;
    });
    expect(results).toEqual(['a', 'b', 'c', 'd']);
    expect(errors).toEqual([]);
  });

  it('works for no more at a time than it is told', async () => {
    let [now, most] = [0, 0];
    await gather(
      servers,
      async () => {
        now += 1;
        most = Math.max(most, now);
        await Promise.resolve();
        now -= 1;
      },
      { concurrency: 2 },
    );
    expect(most).toBe(2);
  });

  it('gathers every failure, and names the server where the error does not', async () => {
    const known = new ServerError(ServerErrorCode.ERR_SERVER_PORT_IN_USE, 'taken', { server: 'b' });
    const { results, errors } = await gather(servers, async ({ name }) => {
      if (name === 'b') throw known;
      if (name === 'c') throw new Error('odd');
      return name;
    });
    expect(results).toEqual(['a', 'd']);
    expect(errors[0]).toBe(known);
    expect(errors[1]).toMatchObject({
      server: 'c',
      bind: '127.0.0.1:0',
      cause: { message: 'odd' },
    });
    expect(errors[1]?.message).toBe("Server 'c' failed: odd");
  });

  it.each([1, 2, 4, Infinity])(
    'goes on, and is done, when some work throws at once, %s at a time',
    async (concurrency) => {
      const seen: string[] = [];
      const work = ({ name }: PooledServer): Promise<string> => {
        seen.push(name);
        if (name !== 'c') throw new Error('odd');
        return Promise.resolve(name);
      };
      const { results, errors } = await gather(servers, work, { concurrency });
      expect(seen).toEqual(['a', 'b', 'c', 'd']);
      expect(results).toEqual(['c']);
      expect(errors.map(({ server }) => server)).toEqual(['a', 'b', 'd']);
    },
  );

  it('begins the work of all in the turn of the call', () => {
    const seen: string[] = [];
    void gather(servers, async ({ name }) => void seen.push(name));
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
  });

  it('begins nothing more when the signal aborts', async () => {
    const controller = new AbortController();
    const { results } = await gather(
      servers,
      async ({ name }) => {
        if (name === 'b') controller.abort();
        return name;
      },
      { concurrency: 1, signal: controller.signal },
    );
    expect(results).toEqual(['a', 'b']);
  });

  it('is done at once without servers', async () => {
    expect(await gather([], () => failure(Promise.resolve()))).toEqual({ results: [], errors: [] });
  });
});

describe('throwIfAny', () => {
  it('throws one error for all, and none for none', () => {
    const errors = [new ServerError(ServerErrorCode.ERR_SERVER_START, 'no', { server: 'a' })];
    expect(() => throwIfAny(PoolErrorCode.ERR_POOL_STOP, 'none', [])).not.toThrow();
    const error = thrown<PoolError>(() =>
      throwIfAny(PoolErrorCode.ERR_POOL_STOP, headline(errors, servers, 'stopped'), errors),
    );
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_STOP);
    expect(error.message).toBe('1 of 4 servers could not be stopped:\n  - a: no');
  });
});
