import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledServer } from '../../../lib/index.js';
import { failure, waitFor } from '../../support/events.js';
import { held, says } from '../../support/handlers.js';
import { text } from '../../support/http-client.js';
import { HeldStagings, late } from '../../pool/support/held-staging.js';
import { on } from '../../pool/support/running-pools.js';

describe('a stop that waits for its turn', () => {
  const opened = new HeldStagings();
  afterEach(() => opened.closeAll());

  it('is not followed by a supervised restart when the listener dies meanwhile', async () => {
    const path = join(await opened.folder(), 'a.sock');
    const a = on('a', { listen: `unix:${path}`, restart: { delay: 1 } });
    const { pool, staging, release } = await opened.started(a);
    const server = pool.get('a') as PooledServer;
    const applied = pool.apply([{ ...a, maxHandlers: 7 }, late]).catch(() => undefined);
    await staging.opened;
    const stopped = server.stop();
    const failed = waitFor(pool, ({ server: name, state }) => name === 'a' && state === 'failed');
    await rm(path);
    await failed;
    release.open();
    await Promise.all([applied, stopped]);
    expect(server.state).toBe('stopped');
    // Whatever is behind the stop in line has had its turn when a second one is done.
    await server.stop();
    expect([server.state, server.isError()]).toEqual(['stopped', false]);
  });

  it('is hurried by a second one, as one that has begun is', async () => {
    const { pool, staging, release } = await opened.started(on('a'));
    const { handler, entered } = held('never');
    const server = pool.get('a') as PooledServer;
    server.handler(() => ({ default: handler }));
    const answer = failure(text(server.url));
    await entered.opened;
    const applied = pool.apply([on('a', { maxHandlers: 7 }), late]);
    await staging.opened;
    const stopped = server.stop({ timeout: '1h' });
    void server.stop({ timeout: 0 });
    release.open();
    expect(await stopped).toMatchObject({ timedOut: true, cut: { http1: 1 } });
    await Promise.all([applied, answer]);
  });

  it('hurries the drain of a server that left its address to another', async () => {
    const { listen, free } = await opened.takenPort();
    await free();
    const { handler, entered } = held('never');
    const pool = opened.pool({ handlers: () => ({ default: handler, next: says('next') }) });
    const shutdown = { timeout: '1h' };
    const old = await pool.storeNew({ name: 'old', listen, shutdown }, { start: true });
    const answer = failure(text(old.url));
    await entered.opened;
    await pool.storeNew({ name: 'next', listen, handlerKey: 'next' });
    expect(old.state).toBe('draining');
    await old.stop({ timeout: 0 });
    expect(old.state).toBe('stopped');
    await answer;
  });
});
