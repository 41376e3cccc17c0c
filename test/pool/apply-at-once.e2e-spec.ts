import { afterEach, describe, expect, it } from '@jest/globals';
import {
  PoolErrorCode,
  type Pool,
  type PoolError,
  type PooledServer,
  type ServerError,
  type ServerOptions,
} from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { failure, gate, type Gate } from '../support/events.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { refusal } from '../support/raw-client.js';
import { expectUnchanged, snapshot } from '../support/snapshot.js';

describe('apply with other calls at once', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const on = (name: string, more: Partial<ServerOptions> = {}): ServerOptions => {
    return { name, listen: LOOPBACK, ...more };
  };
  /** Its staging waits for the default TLS, so that a test can do things meanwhile. */
  const late = on('late', { tls: { inheritDefault: true } });

  interface Held {
    readonly pool: Pool;
    /** Opens when a staging waits. */
    readonly staging: Gate;
    readonly release: Gate;
  }

  const started = async (...list: ServerOptions[]): Promise<Held> => {
    const [staging, release] = [gate(), gate()];
    const pool = opened.pool({
      handlers: () => ({ default: says('first'), second: says('second') }),
      tls: async () => {
        staging.open();
        await release.opened;
        return tls;
      },
    });
    await pool.apply(list);
    await pool.start();
    return { pool, staging, release };
  };

  const freeListen = async (): Promise<string> => {
    const { listen, free } = await opened.takenPort();
    await free();
    return listen;
  };

  const states = (pool: Pool): string[] => [...pool].map(({ name, state }) => `${name} ${state}`);
  const get = (pool: Pool, name: string): PooledServer => pool.get(name) as PooledServer;

  it('queues calls of apply, and each sees what the one before it did', async () => {
    const { pool } = await started(on('a'));
    const plans = await Promise.all([
      pool.apply([on('a'), on('b')]),
      pool.apply([on('a'), on('b'), on('c')]),
      pool.apply([on('b', { handlerKey: 'second' })]),
      pool.apply([on('b', { handlerKey: 'second' })], { dryRun: true }),
    ]);
    expect(plans).toMatchObject([
      { keep: ['a'], add: ['b'] },
      { keep: ['a', 'b'], add: ['c'] },
      { live: ['b'], remove: ['a', 'c'] },
      { keep: ['b'], remove: [] },
    ]);
    expect(states(pool)).toEqual(['b running']);
  });

  it('goes on with the next call after one that failed', async () => {
    const { pool } = await started(on('a'));
    const { listen } = await opened.takenPort();
    const [bad, worse, good] = await Promise.allSettled([
      pool.apply([on('bad', { listen })]),
      pool.apply('nonsense' as never),
      pool.apply([on('a'), on('b')]),
    ]);
    expect([bad.status, worse.status, good.status]).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(states(pool)).toEqual(['a running', 'b running']);
  });

  it('is given up by a stop of the pool, which waits for that and leaves nothing bound', async () => {
    const { pool, staging } = await started(on('a'));
    const { url } = get(pool, 'a');
    const added = await freeListen();
    const applied = failure<PoolError>(
      pool.apply([on('a', { protocol: 'http2' }), on('b', { listen: added }), late]),
    );
    await staging.opened;
    await pool.stop();
    expect(states(pool)).toEqual(['a stopped']);
    expect(await refusal(url ?? '')).toBe('ECONNREFUSED');
    expect(await refusal(`http://${added}`)).toBe('ECONNREFUSED');
    const error = await applied;
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_START);
    expect(error.message).toMatch(/the pool was stopped meanwhile/);
    expect(get(pool, 'a').config.protocol).toBeUndefined();
    await pool.start();
    expect(await text(get(pool, 'a').url)).toBe('first');
  });

  it.each(['stop first', 'apply first'])('ends stopped: %s, in one turn', async (order) => {
    const { pool } = await started(on('a'), on('b', { shutdown: { last: true } }));
    const list = [on('a', { protocol: 'http2' }), on('new')];
    const calls = [(): Promise<unknown> => pool.stop(), (): Promise<unknown> => pool.apply(list)];
    if (order === 'apply first') calls.reverse();
    await Promise.allSettled(calls.map((call) => call()));
    expect([...pool].every(({ state }) => state === 'stopped')).toBe(true);
    expect(pool.isRunning()).toBe(false);
    // As the list says or as before, and no mixture.
    expect([['a', 'new'].join(), ['a', 'b'].join()]).toContain(
      [...pool].map(({ name }) => name).join(),
    );
  });

  it('starts what it adds when the pool is started while it is staged', async () => {
    const { pool, staging, release } = await started();
    await pool.stop();
    const applied = pool.apply([on('a'), late]);
    const start = pool.start();
    release.open();
    await Promise.all([applied, start]);
    await staging.opened;
    expect(states(pool)).toEqual(['a running', 'late running']);
  });

  it('goes with a restart of the pool: both are done, one after the other', async () => {
    const { pool } = await started(on('a'), on('b'));
    const [plan] = await Promise.all([
      pool.apply([on('a', { handlerKey: 'second' }), on('b'), on('c')]),
      pool.restart(),
    ]);
    expect(plan).toMatchObject({ live: ['a'], add: ['c'] });
    expect(states(pool)).toEqual(['a running', 'b running', 'c running']);
    expect(await text(get(pool, 'a').url)).toBe('second');
  });

  it('leaves a server deleted that is deleted while it is staged', async () => {
    const { pool, staging, release } = await started(on('a'), on('b'));
    const a = get(pool, 'a');
    const applied = pool.apply([on('a', { handlerKey: 'second' }), on('b'), late]);
    await staging.opened;
    const deleted = pool.delete(new URL(a.url ?? '').host);
    expect(pool.get('a')).toBeUndefined();
    release.open();
    await applied;
    expect(await deleted).toBe(true);
    expect(a.state).toBe('stopped');
    expect(states(pool)).toEqual(['b running', 'late running']);
  });

  it('keeps a server that is stored while it is staged, and is in nobody’s way', async () => {
    const { pool, staging, release } = await started(on('a'));
    const applied = pool.apply([late]);
    await staging.opened;
    await pool.storeNew(on('guest'), { start: true });
    release.open();
    expect(await applied).toMatchObject({ add: ['late'], remove: ['a'] });
    expect(states(pool)).toEqual(['guest running', 'late running']);
    expect((await pool.apply([late])).remove).toEqual(['guest']);
  });

  it('fails when a server is stored meanwhile that has the name of one to be added', async () => {
    const { pool, staging, release } = await started(on('a'));
    const applied = failure<PoolError>(pool.apply([on('a', { handlerKey: 'second' }), late]));
    await staging.opened;
    const guest = await pool.storeNew(on('late'));
    const was = snapshot(pool);
    release.open();
    const error = await applied;
    expect(error.message).toContain("'late' is already the name of another server");
    expectUnchanged(pool, was);
    expect(pool.get('late')).toBe(guest);
    expect(await text(get(pool, 'a').url)).toBe('first');
  });

  it('fails when a server that it keeps takes such a name or address meanwhile', async () => {
    const listen = await freeListen();
    const { pool, staging, release } = await started(on('keeps'), on('off', { disabled: true }));
    const list = [on('keeps'), on('off', { disabled: true }), on('new', { listen }), late];
    const applied = failure<PoolError>(pool.apply(list));
    await staging.opened;
    await get(pool, 'keeps').setConfig(on('new'));
    await get(pool, 'off').setConfig(on('off', { listen, disabled: true }));
    const was = snapshot(pool);
    release.open();
    const error = await applied;
    expect(error.message).toContain("'new' is already the name of another server");
    expect(error.message).toContain(`${listen} is already the bind address of server 'off'`);
    expectUnchanged(pool, was);
  });

  it('lets what is called on a server that it changes wait until the change is in force', async () => {
    const { pool, staging, release } = await started(on('a'), on('b'), on('c'));
    const [a, b, c] = [get(pool, 'a'), get(pool, 'b'), get(pool, 'c')];
    const second = { handlerKey: 'second' };
    const applied = pool.apply([on('a', second), on('b', second), on('c', second), late]);
    await staging.opened;
    const calls = [a.stop(), b.setConfig(on('b', { maxHandlers: 3 })), c.restart()];
    expect([a.state, b.handlerKey()]).toEqual(['running', '']);
    release.open();
    await Promise.all([applied, ...calls]);
    expect([a.state, a.handlerKey()]).toEqual(['stopped', 'second']);
    expect([b.config.maxHandlers, b.handlerKey()]).toEqual([3, '']);
    expect(await text(c.url)).toBe('second');
  });

  it('waits for what was called on a server before, and changes what came of it', async () => {
    const [from, to] = [await freeListen(), await freeListen()];
    const { pool } = await started(on('a', { listen: from }), on('b'));
    const a = get(pool, 'a');
    const moved = a.setConfig(on('a', { listen: to }));
    // The plan was made before a has moved; b comes to the address that a leaves by itself.
    const applied = pool.apply([on('b', { listen: from })]);
    await moved;
    expect(await applied).toMatchObject({ rebind: ['b'], remove: ['a'] });
    expect(await text(`http://${from}`)).toBe('first');
    expect(a.state).toBe('stopped');
    expect(await refusal(`http://${to}`)).toBe('ECONNREFUSED');
  });

  it.each(['before', 'while'])(
    'serves on the address of a server that is stopped %s another one takes it over',
    async (when) => {
      const listen = await freeListen();
      const { pool, staging, release } = await started(on('a', { listen }), on('b'));
      const a = get(pool, 'a');
      const stopped = when === 'before' ? a.stop() : undefined;
      const applied = pool.apply([on('b', { listen }), late]);
      if (when === 'while') {
        await staging.opened;
        void a.stop();
      }
      release.open();
      await Promise.all([stopped, applied]);
      expect(a.state).toBe('stopped');
      expect(await text(`http://${listen}`)).toBe('first');
      expect(states(pool)).toEqual(['b running', 'late running']);
    },
  );

  it('does not start a server again whose stop was under way', async () => {
    const { pool } = await started(on('a'), on('b'));
    const stopped = get(pool, 'a').stop();
    await pool.apply([on('a', { handlerKey: 'second' }), on('b')]);
    await stopped;
    expect(states(pool)).toEqual(['a stopped', 'b running']);
  });

  it('refuses on a view what is in the way of a server outside of the view', async () => {
    const { pool } = await started(on('a'), on('b'));
    const view = pool.filter('name', 'a');
    const was = snapshot(pool);
    const error = await failure<PoolError>(
      view.apply([on('a', { handlerKey: 'second' }), on('b')]),
    );
    expect((error.errors[0] as ServerError).message).toContain("'b' is already the name");
    expectUnchanged(pool, was);
  });
});
