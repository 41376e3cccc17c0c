import { afterEach, describe, expect, it } from '@jest/globals';
import { type PoolError } from '../../../lib/index.js';
import { failure } from '../../support/events.js';
import { freeListen } from '../../support/free-port.js';
import { text } from '../../support/http-client.js';
import { refusal } from '../../support/raw-client.js';
import { expectUnchanged, snapshot } from '../../support/snapshot.js';
import { HeldStagings, late } from '../support/held-staging.js';
import { get, on, states } from '../support/running-pools.js';

describe('what happens to servers while an apply is staged', () => {
  const opened = new HeldStagings();
  afterEach(() => opened.closeAll());

  it('leaves a server deleted that is deleted while it is staged', async () => {
    const { pool, staging, release } = await opened.started(on('a'), on('b'));
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
    const { pool, staging, release } = await opened.started(on('a'));
    const applied = pool.apply([late]);
    await staging.opened;
    await pool.storeNew(on('guest'), { start: true });
    release.open();
    expect(await applied).toMatchObject({ add: ['late'], remove: ['a'] });
    expect(states(pool)).toEqual(['guest running', 'late running']);
    expect((await pool.apply([late])).remove).toEqual(['guest']);
  });

  it('fails when a server is stored meanwhile that has the name of one to be added', async () => {
    const { pool, staging, release } = await opened.started(on('a'));
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
    const { pool, staging, release } = await opened.started(
      on('keeps'),
      on('off', { disabled: true }),
    );
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
    const { pool, staging, release } = await opened.started(on('a'), on('b'), on('c'));
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
    const { pool } = await opened.started(on('a', { listen: from }), on('b'));
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
      const { pool, staging, release } = await opened.started(on('a', { listen }), on('b'));
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
    const { pool } = await opened.started(on('a'), on('b'));
    const stopped = get(pool, 'a').stop();
    await pool.apply([on('a', { handlerKey: 'second' }), on('b')]);
    await stopped;
    expect(states(pool)).toEqual(['a stopped', 'b running']);
  });
});
