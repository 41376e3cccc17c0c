import { afterEach, describe, expect, it } from '@jest/globals';
import type { Pool, PoolError, PooledServer, ServerOptions } from '../../../lib/index.js';
import { failure } from '../../support/events.js';
import { freeListen } from '../../support/free-port.js';
import { text } from '../../support/http-client.js';
import { expectUnchanged, snapshot } from '../../support/snapshot.js';
import { HeldStagings, late } from '../support/held-staging.js';
import { get, on, states } from '../support/running-pools.js';

describe('a server that is taken out of the pool while an apply is staged', () => {
  const opened = new HeldStagings();
  afterEach(() => opened.closeAll());

  /** Into another pool, where it is found by its name. */
  const take = (pool: Pool, name: string): { taken: PooledServer; other: Pool } => {
    const { url } = get(pool, name);
    const taken = opened.addServer(pool.loadAndDelete(new URL(url ?? '').host) as PooledServer);
    return { taken, other: opened.pool({ servers: [taken] }) };
  };

  const lists: readonly [string, () => Promise<ServerOptions[]>][] = [
    ['removes', async () => [on('b'), late]],
    ['keeps', async () => [on('a'), on('b'), late]],
    ['changes', async () => [on('a', { handlerKey: 'second' }), on('b'), late]],
    ['gives another transport to', async () => [on('a', { protocol: 'http2' }), on('b'), late]],
    ['moves', async () => [on('a', { listen: await freeListen() }), on('b'), late]],
    ['disables', async () => [on('a', { disabled: true }), on('b'), late]],
  ];

  it.each(lists)('runs on as it was, though the list %s it', async (_does, listOf) => {
    const { pool, staging, release } = await opened.started(on('a'), on('b'));
    const applied = pool.apply(await listOf());
    await staging.opened;
    const { taken, other } = take(pool, 'a');
    const was = snapshot(other);
    release.open();
    await applied;
    expectUnchanged(other, was);
    expect([taken.handlerKey(), await text(taken.url)]).toEqual(['', 'first']);
    expect(states(pool)).toEqual(['b running', 'late running']);
    // It is let go, too.
    await taken.setConfig(on('a', { handlerKey: 'second' }));
    expect(await text(taken.url)).toBe('second');
  });

  const wild = (listen: string): string => listen.replace('127.0.0.1', '0.0.0.0');
  const comers: readonly [string, (from: string, to: string) => ServerOptions[]][] = [
    ['of a removed one', (listen) => [on('b', { listen }), late]],
    ['of one that moves', (from, listen) => [on('a', { listen }), on('b', { listen: from }), late]],
    ['over that of a removed one', (from) => [on('b'), on('c', { listen: wild(from) }), late]],
  ];

  it.each(comers)(
    'keeps its address: a list that gives away that %s is at fault',
    async (_whose, listOf) => {
      const [from, to] = [await freeListen(), await freeListen()];
      const { pool, staging, release } = await opened.started(on('a', { listen: from }), on('b'));
      const applied = failure<PoolError>(pool.apply(listOf(from, to)));
      await staging.opened;
      const { taken, other } = take(pool, 'a');
      release.open();
      const error = await applied;
      expect(error.code).toBe('ERR_POOL_START');
      expect(error.message).toContain("the bind address of server 'a'");
      expect([states(pool), states(other)]).toEqual([['b running'], ['a running']]);
      expect([taken.bind, await text(`http://${from}`)]).toEqual([from, 'first']);
      expect(await text(get(pool, 'b').url)).toBe('first');
    },
  );

  it('keeps its config, though a merge that was staged has another for it', async () => {
    const { pool, staging, release } = await opened.started(
      on('a', { listen: await freeListen() }),
    );
    const { listen } = get(pool, 'a').config;
    const other = opened.pool({ tls: () => ({}) });
    await other.storeNew({ ...late, listen });
    const merged = pool.merge(other);
    await staging.opened;
    const { taken } = take(pool, 'a');
    release.open();
    await merged.catch(() => undefined);
    expect([taken.name, taken.tls, await text(taken.url)]).toEqual(['a', false, 'first']);
  });
});
