import { afterEach, describe, expect, it } from '@jest/globals';
import {
  PooledServer,
  PoolErrorCode,
  ServerErrorCode,
  type Pool,
  type PoolError,
  type ServerError,
  type ServerOptions,
} from '../../lib/index.js';
import { failure } from '../support/events.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

describe('merging', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const poolOf = async (...options: ServerOptions[]): Promise<Pool> => {
    const pool = opened.pool();
    for (const each of options) await pool.storeNew(each);
    return pool;
  };

  const names = (pool: Pool): string[] => [...pool].map(({ name }) => name);
  const at = (name: string, port: number, more = {}): ServerOptions => ({
    name,
    listen: `127.0.0.1:${port}`,
    ...more,
  });

  it('adds the servers on new addresses, the same objects', async () => {
    const mine = await poolOf(at('a', 7001));
    const other = await poolOf(at('b', 7002), at('c', 7003));
    await mine.merge(other);
    expect(names(mine)).toEqual(['a', 'b', 'c']);
    expect(mine.get('b')).toBe(other.get('b'));
    expect(names(other)).toEqual(['b', 'c']);
  });

  it('updates the servers on the same addresses, and they stay the same objects', async () => {
    const mine = await poolOf(at('a', 7001), at('b', 7002));
    const b = mine.get('b');
    await mine.merge(await poolOf(at('b', 7002, { maxHandlers: 7 }), at('c', 7003)));
    expect(names(mine)).toEqual(['a', 'b', 'c']);
    expect(mine.get('b')).toBe(b);
    expect(b?.config.maxHandlers).toBe(7);
  });

  it('takes over a new name', async () => {
    const mine = await poolOf(at('a', 7001));
    await mine.merge(await poolOf(at('renamed', 7001)));
    expect(names(mine)).toEqual(['renamed']);
    expect(mine.get('a')).toBeUndefined();
  });

  it('changes nothing with an empty pool, and takes all into an empty one', async () => {
    const mine = await poolOf(at('a', 7001));
    const empty = opened.pool();
    await mine.merge(empty);
    expect(names(mine)).toEqual(['a']);
    await empty.merge(mine);
    expect(names(empty)).toEqual(['a']);
  });

  it('changes nothing when a pool is merged with itself', async () => {
    const mine = await poolOf(at('a', 7001));
    await mine.merge(mine);
    expect(names(mine)).toEqual(['a']);
  });

  it('merges many, several port-0 servers on one host among them', async () => {
    const many = Array.from({ length: 100 }, (_, index) => at(`s${index}`, 7000 + index));
    const mine = await poolOf(...many.slice(0, 50), { name: 'mine', listen: LOOPBACK });
    const more = many.slice(25).map((options) => ({ ...options, maxHandlers: 1 }));
    await mine.merge(await poolOf(...more, { name: 'theirs', listen: LOOPBACK }));
    expect(mine.len()).toBe(102);
    const limited = [...mine].filter(({ config }) => config.maxHandlers === 1);
    expect(limited).toHaveLength(75);
  });

  it('collects all faults and merges what has none', async () => {
    const mine = await poolOf(at('a', 7001), at('b', 7002));
    const other = await poolOf(
      at('a', 7003),
      { name: 'wide', listen: '0.0.0.0:7002' },
      at('good', 7004),
    );
    const error = await failure<PoolError>(mine.merge(other));
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_ADD);
    expect(error.errors.map(({ server, issues }) => [server, issues[0]?.path])).toEqual([
      ['a', 'name'],
      ['wide', 'listen'],
    ]);
    expect(names(mine)).toEqual(['a', 'b', 'good']);
  });

  it('changes a running server without a rebind where it can', async () => {
    const { listen, free } = await opened.takenPort();
    await free();
    const mine = opened.pool({ handlers: () => ({ default: says('old'), api: says('new') }) });
    const server = await mine.storeNew({ name: 'a', listen }, { start: true });
    await mine.merge(await poolOf({ name: 'a', listen, handlerKey: 'api' }));
    expect(server.isRunning()).toBe(true);
    expect(await text(server.url)).toBe('new');
  });

  it('takes running servers over as they run', async () => {
    const other = opened.pool({ handlers: () => ({ default: says('theirs') }) });
    const server = await other.storeNew({ name: 'b', listen: LOOPBACK }, { start: true });
    const mine = await poolOf();
    await mine.merge(other);
    expect(mine.get('b')).toBe(server);
    expect(mine.isRunning()).toBe(true);
  });

  it('refuses what is no pool', async () => {
    for (const other of [undefined, null, {}]) {
      const error = await failure<PoolError>(opened.pool().merge(other as never));
      expect(error.code).toBe(PoolErrorCode.ERR_POOL_PARAM_EMPTY);
    }
  });
});

describe('merging a server into another', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('gives it the config and the own handlers of the other', async () => {
    const mine = opened.server({ name: 'a', listen: LOOPBACK });
    await mine.start();
    expect((await text(mine.url)).trim()).toBe('This server has no handler.');
    const handlers = () => ({ api: says('other') });
    const other = PooledServer.create(
      { name: 'b', listen: LOOPBACK, handlerKey: 'api' },
      { handlers },
    );
    const { url } = mine;
    await mine.merge(other);
    expect([mine.name, mine.handlerKey(), mine.url]).toEqual(['b', 'api', url]);
    expect(await text(url)).toBe('other');
    expect(other.state).toBe('stopped');
  });

  it('refuses what is no server', async () => {
    const server = opened.server({ name: 'a', listen: LOOPBACK });
    const error = await failure<ServerError>(server.merge({} as PooledServer));
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_INVALID_INSTANCE);
  });
});
