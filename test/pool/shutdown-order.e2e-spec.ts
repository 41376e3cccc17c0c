import { filter, take } from 'rxjs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledServer, type ServerError } from '../../lib/index.js';
import { failure, record } from '../support/events.js';
import { freeListen } from '../support/free-port.js';
import { held, LOOPBACK, says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

describe('a server that is to stop last', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('serves until all others have drained', async () => {
    const { handler, entered, release } = held('whole');
    const pool = opened.pool({ handlers: () => ({ default: handler, admin: says('admin') }) });
    const last = { handlerKey: 'admin', shutdown: { last: true } };
    const admin = await pool.storeNew({ name: 'admin', listen: LOOPBACK, ...last });
    const web = await pool.storeNew({ name: 'web', listen: LOOPBACK });
    await pool.start();
    const answer = text(web.url);
    await entered.opened;
    const stopped = pool.stop();
    expect([web.state, admin.state]).toEqual(['draining', 'running']);
    expect(await text(admin.url)).toBe('admin');
    const events = record(pool);
    release.open();
    expect(await answer).toBe('whole');
    expect((await stopped).map(({ server }) => server)).toEqual(['web', 'admin']);
    expect(events.map(({ server, state }) => `${server} ${state}`)).toEqual([
      'web stopped',
      'admin draining',
      'admin stopped',
    ]);
  });

  it('may add a server while the others drain, which stops too', async () => {
    const { handler, entered, release } = held('whole');
    const pool = opened.pool({ handlers: () => ({ default: handler, admin: says('admin') }) });
    const shutdown = { last: true };
    await pool.storeNew({ name: 'admin', listen: LOOPBACK, handlerKey: 'admin', shutdown });
    const web = await pool.storeNew({ name: 'web', listen: LOOPBACK });
    await pool.start();
    const answer = text(web.url);
    await entered.opened;
    const stopped = pool.stop();
    const late = await pool.storeNew({ name: 'late', listen: LOOPBACK }, { start: true });
    release.open();
    expect(await answer).toBe('whole');
    expect((await stopped).map(({ server }) => server)).toEqual(['web', 'late', 'admin']);
    expect([late.state, pool.isRunning()]).toEqual(['stopped', false]);
  });

  it('goes on when the pool is started again while the others drain, hurried or not', async () => {
    const { handler, entered, release } = held('whole');
    const pool = opened.pool({ handlers: () => ({ default: handler, admin: says('admin') }) });
    const shutdown = { last: true };
    await pool.storeNew({ name: 'admin', listen: LOOPBACK, handlerKey: 'admin', shutdown });
    const web = await pool.storeNew({ name: 'web', listen: LOOPBACK });
    await pool.start();
    const answer = failure(text(web.url));
    await entered.opened;
    const hurry = new AbortController();
    const stopped = pool.stop({ signal: hurry.signal });
    const started = pool.start();
    hurry.abort();
    await Promise.all([stopped, started, answer]);
    release.open();
    expect([...pool].map(({ state }) => state)).toEqual(['running', 'running']);
  });

  it.each([
    ['waits for it while the others drain', false],
    ['is refused when the pool is started again, and it stays', true],
  ])('who wants its address %s', async (_what, isStartedAgain) => {
    const { handler, entered, release } = held('whole');
    const pool = opened.pool({ handlers: () => ({ default: handler, admin: says('admin') }) });
    const shutdown = { last: true };
    const options = { name: 'admin', listen: LOOPBACK, handlerKey: 'admin', shutdown };
    const admin = await pool.storeNew(options);
    const web = await pool.storeNew({ name: 'web', listen: LOOPBACK });
    await pool.start();
    const answer = text(web.url);
    await entered.opened;
    const stopped = pool.stop();
    const { host } = new URL(admin.url ?? '');
    const next = opened.server(
      { name: 'next', listen: host },
      { handlers: () => ({ '': says('next') }) },
    );
    const outcome = next.start().then(
      () => 'started',
      ({ code }: NodeJS.ErrnoException) => code,
    );
    const started = isStartedAgain && pool.start();
    release.open();
    expect(await answer).toBe('whole');
    await Promise.all([stopped, started]);
    expect(await outcome).toBe(isStartedAgain ? 'ERR_SERVER_PORT_IN_USE' : 'started');
    expect(await text(`http://${host}`)).toBe(isStartedAgain ? 'admin' : 'next');
  });

  it('leaves what comes after a new start of the pool', async () => {
    const pool = opened.pool({ handlers: () => ({ default: says('here') }) });
    await pool.storeNew({ name: 'web', listen: LOOPBACK }, { start: true });
    const stopped = pool.stop();
    const started = pool.start();
    const late = await pool.storeNew({ name: 'late', listen: LOOPBACK }, { start: true });
    await Promise.all([stopped, started]);
    expect(await text(late.url)).toBe('here');
    expect(await text(pool.get('web')?.url)).toBe('here');
  });

  it('keeps its address when it is started once it has stopped, though others come then', async () => {
    const pool = opened.pool();
    const listen = await freeListen();
    const last = { name: 'last', listen, shutdown: { last: true } };
    const server = await pool.storeNew(last, { start: true });
    await pool.storeNew({ name: 'web', listen: LOOPBACK }, { start: true });
    const come = (name: string, delay: number): Promise<unknown> =>
      pool.storeNew({ name, listen: LOOPBACK, shutdown: { delay } }, { start: true });
    const later: Promise<unknown>[] = [];
    const ends = pool.events$.pipe(filter(({ report }) => report !== undefined));
    // Of web, last and late.
    ends.pipe(take(3)).subscribe(({ server: name }) => {
      if (name === 'last') later.push(server.start(), come('late', 50));
      if (name === 'late') later.push(come('later', 0));
    });
    await pool.stop();
    await Promise.allSettled(later);
    const next = opened.addServer(PooledServer.create({ name: 'next', listen }));
    expect(await failure<ServerError>(next.start())).toMatchObject({
      code: 'ERR_SERVER_PORT_IN_USE',
    });
    expect(pool.isRunning()).toBe(true);
  });

  it('stops last when the pool is cleaned, too', async () => {
    const pool = opened.pool();
    const shutdown = { last: true };
    await pool.storeNew({ name: 'admin', listen: LOOPBACK, shutdown }, { start: true });
    await pool.storeNew({ name: 'web', listen: LOOPBACK }, { start: true });
    const events = record(pool);
    await pool.clean();
    const stopped = events.filter(({ state, type }) => type === 'state' && state === 'stopped');
    expect(stopped.map(({ server }) => server)).toEqual(['web', 'admin']);
  });

  it('stops at once when it is alone', async () => {
    const pool = opened.pool();
    const shutdown = { last: true };
    await pool.storeNew({ name: 'admin', listen: LOOPBACK, shutdown }, { start: true });
    expect(await pool.stop()).toHaveLength(1);
  });
});
