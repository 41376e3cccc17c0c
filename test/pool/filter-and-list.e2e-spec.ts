import { afterEach, describe, expect, it } from '@jest/globals';
import { ServerField, type Pool } from '../../lib/index.js';
import { record, waitFor } from '../support/events.js';
import { held, Journal, LOOPBACK, says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

const { Name, Bind, Expose } = ServerField;

const servers = [
  { name: 'api-public', listen: ':8080', expose: 'https://api.test/' },
  { name: 'api-admin', listen: '127.0.0.1:8081', expose: 'http://admin.test:9000' },
  { name: 'Metrics', listen: '127.0.0.1:8082' },
];
const [publicApi, adminApi, metrics] = servers.map(({ name }) => name);

describe('filtering and listing', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const poolOfThree = async (logger?: Journal): Promise<Pool> => {
    const pool = opened.pool({ logger });
    for (const options of servers) await pool.storeNew(options);
    return pool;
  };

  const names = (pool: Pool): string[] => [...pool].map(({ name }) => name);

  it.each(['unix:/tmp/later.sock', 'fd:3', '127.0.0.2:0', '127.0.0.2:7001'])(
    'finds a server that drains, and is to be on %s when it is enabled again, by both addresses',
    async (listen) => {
      const { handler, entered, release } = held('done');
      const pool = opened.pool({ handlers: () => ({ '': handler }) });
      const server = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
      const { url, address } = server;
      const answered = text(url!);
      await entered.opened;
      const draining = waitFor(pool, ({ state }) => state === 'draining');
      const disabled = server.setConfig({ name: 'a', listen, disabled: true });
      await draining;
      const { host, port } = address as { host: string; port: number };
      const isBound = server.address !== undefined;
      const found = [`${host}:${port}`, listen].map((bind) => pool.filter(Bind, bind).size);
      expect(found).toEqual([isBound ? 1 : 0, 1]);
      expect(pool.list(Bind, Expose, listen)[0]).toContain(listen.split(':')[0]);
      release.open();
      expect(await answered).toBe('done');
      await disabled;
    },
  );

  it('has the fields name, bind and expose', () => {
    expect(ServerField).toEqual({ Name: 'name', Bind: 'bind', Expose: 'expose' });
  });

  describe.each([
    ['the exact name', Name, 'api-admin', undefined, [adminApi]],
    ['a name in another case', Name, 'METRICS', undefined, [metrics]],
    ['no part of a name', Name, 'api', undefined, []],
    ['a regex of names', Name, undefined, '^api-', [publicApi, adminApi]],
    ['a regex that regards case', Name, '', '^metrics$', []],
    ['a regex with a flag of RE2', Name, '', '(?i)^metrics$', [metrics]],
    ['a RegExp', Name, undefined, /^METRICS$/i, [metrics]],
    [
      'a RegExp with the global flag',
      Name,
      undefined,
      /a/g,
      servers.map(({ name }) => name).slice(0, 2),
    ],
    ['a sticky RegExp', Name, undefined, /api/y, [publicApi, adminApi]],
    ['the pattern or the regex', Name, 'metrics', 'public', [publicApi, metrics]],
    ['the bind address', Bind, '127.0.0.1:8081', undefined, [adminApi]],
    ['the bind address in another spelling', Bind, ':8080', undefined, [publicApi]],
    ['the bind address in canonical form', Bind, '[::]:8080', undefined, [publicApi]],
    ['a regex of bind addresses', Bind, undefined, ':808[12]$', [adminApi, metrics]],
    ['the exposed URL', Expose, 'https://api.test', undefined, [publicApi]],
    ['the exposed URL with its slash', Expose, 'https://API.test/', undefined, [publicApi]],
    ['the exposed host and port', Expose, 'admin.test:9000', undefined, [adminApi]],
    ['the exposed host and the port of its scheme', Expose, 'api.test:443', undefined, [publicApi]],
    ['a URL made from the bind address', Expose, 'http://127.0.0.1:8082', undefined, [metrics]],
    ['a regex of exposed URLs', Expose, undefined, '^https:', [publicApi]],
    ['a regex of an exposed host and port', Expose, undefined, '^admin', [adminApi]],
    ['no match', Name, 'nobody', 'nobody', []],
    ['neither pattern nor regex', Name, undefined, undefined, []],
    ['an empty pattern', Name, '', '', []],
  ] as const)('by %s', (_what, field, pattern, regex, expected) => {
    it('filters the servers that match', async () => {
      const pool = await poolOfThree();
      expect(names(pool.filter(field, pattern, regex))).toEqual(expected);
    });

    it('lists the names of the servers that match', async () => {
      const pool = await poolOfThree();
      expect(pool.list(field, Name, pattern, regex)).toEqual(expected);
    });
  });

  it('gives the same answer again with the same global RegExp', async () => {
    const pool = await poolOfThree();
    const regex = /api/g;
    const lists = Array.from({ length: 3 }, () => pool.list(Name, Name, undefined, regex));
    expect(lists).toEqual(Array(3).fill([publicApi, adminApi]));
  });

  it('lists the target of the servers whose source matches', async () => {
    const pool = await poolOfThree();
    expect(pool.list(Name, Bind, undefined, '.*')).toEqual([
      '[::]:8080',
      '127.0.0.1:8081',
      '127.0.0.1:8082',
    ]);
    expect(pool.list(Name, Expose, undefined, '.*')).toEqual([
      'https://api.test',
      'http://admin.test:9000',
      'http://127.0.0.1:8082',
    ]);
    expect(pool.list(Bind, Name, '127.0.0.1:8082')).toEqual(['Metrics']);
    expect(pool.list(Expose, Bind, 'admin.test:9000')).toEqual(['127.0.0.1:8081']);
  });

  it.each(['(', '(?=x)', '\\1', 'a{1001}'])(
    'matches nothing with the invalid regex %s, and logs it once',
    async (regex) => {
      const logger = new Journal();
      const pool = await poolOfThree(logger);
      for (let times = 0; times < 3; times += 1) {
        expect(names(pool.filter(Name, undefined, regex))).toEqual([]);
        expect(pool.list(Name, Name, undefined, regex)).toEqual([]);
        const view = pool.filter(Name, undefined, '^api');
        expect(view.list(Bind, Name, undefined, regex)).toEqual([]);
      }
      const warnings = logger.lines.filter((line) => line.startsWith('warn'));
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain(regex);
    },
  );

  it('logs each invalid regex, and each in every pool', async () => {
    const logger = new Journal();
    const pools = [await poolOfThree(logger), await poolOfThree(logger)];
    for (const pool of pools) for (const regex of ['(', '[', '(']) pool.filter(Name, '', regex);
    expect(logger.matching(/is invalid and matches nothing/)).toHaveLength(4);
  });

  it('still matches by the pattern when the regex is invalid', async () => {
    expect(names((await poolOfThree()).filter(Name, 'metrics', '('))).toEqual([metrics]);
  });

  it('takes linear time for a regex that backtracking engines hang on', async () => {
    const pool = opened.pool();
    await pool.storeNew({ name: 'a'.repeat(200), listen: LOOPBACK });
    expect(pool.list(Name, Name, undefined, '^(a+)+$|^(a|aa)+!$')).toHaveLength(1);
    expect(pool.list(Name, Name, undefined, '^(a|aa)+!$')).toEqual([]);
  });

  it('chains', async () => {
    const pool = await poolOfThree();
    const chained = pool.filter(Name, undefined, '^api').filter(Bind, undefined, '^127');
    expect(names(chained)).toEqual([adminApi]);
    expect(names(chained.filter(Expose, 'https://api.test'))).toEqual([]);
    expect(chained.list(Name, Bind, adminApi)).toEqual(['127.0.0.1:8081']);
  });

  it('is a view with the same servers', async () => {
    const pool = opened.pool({ handlers: () => ({ default: says('hello') }) });
    await pool.storeNew({ name: 'a', listen: LOOPBACK });
    await pool.storeNew({ name: 'b', listen: LOOPBACK });
    const view = pool.filter(Name, 'b');
    expect(view.get('b')).toBe(pool.get('b'));
    await view.start();
    expect([pool.get('a')?.state, pool.get('b')?.state]).toEqual(['stopped', 'running']);
    expect(await text(view.get('b')?.url)).toBe('hello');
    await view.stop();
    expect(pool.isRunning()).toBe(false);
    expect(pool.len()).toBe(2);
  });

  it('deletes from the pool what is deleted in a view, and adds what is added', async () => {
    const pool = await poolOfThree();
    const view = pool.filter(Name, undefined, '^api');
    expect(await view.delete(':8080')).toBe(true);
    const added = await view.storeNew({ name: 'added', listen: LOOPBACK });
    const conflicting = view.storeNew({ name: 'Metrics', listen: LOOPBACK });
    await expect(conflicting).rejects.toThrow("'Metrics' is already the name of another server");
    expect(names(pool)).toEqual([adminApi, metrics, 'added']);
    expect(pool.get('added')).toBe(added);
    expect(names(view)).toEqual([adminApi]);
    expect(names(pool.filter(Name, undefined, '^a'))).toEqual([adminApi, 'added']);
  });

  it('replaces in the pool what is replaced in a view', async () => {
    const pool = await poolOfThree();
    const view = pool.filter(Name, adminApi);
    const next = await view.storeNew({ name: 'next', listen: '127.0.0.1:8081' });
    expect([...view]).toEqual([]);
    expect(pool.filter(Name, 'next').get('next')).toBe(next);
    expect(names(pool)).toEqual([publicApi, 'next', metrics]);
  });

  it('leaves view and pool as they were when a server cannot start', async () => {
    const pool = opened.pool();
    const { listen } = await opened.takenPort();
    const old = await pool.storeNew({ name: 'old', listen });
    const view = pool.filter(Name, 'old');
    await expect(view.storeNew({ name: 'new', listen }, { start: true })).rejects.toThrow('in use');
    expect([[...view], [...pool]]).toEqual([[old], [old]]);
  });

  it('starts nothing in a view that its pool no longer has', async () => {
    const pool = opened.pool();
    for (const name of ['deleted', 'taken', 'replaced', 'kept']) {
      const listen = name === 'replaced' ? (await opened.takenPort()).listen : LOOPBACK;
      await pool.storeNew({ name, listen });
    }
    const view = pool.filter(Name, undefined, '^(deleted|taken|replaced|kept)$');
    const chained = view.filter(Name, undefined, '.');
    const [, taken, replaced, kept] = [...pool];
    await pool.filter(Name, 'deleted').clean();
    pool.filter(Name, 'taken').loadAndDelete(LOOPBACK);
    await pool.storeNew({ name: 'next', listen: replaced?.bind ?? '' });
    for (const each of [view, chained]) {
      await each.start();
      expect([...each].filter((server) => server.isRunning())).toEqual([kept]);
      await each.restart();
      expect([...each].filter((server) => server.isRunning())).toEqual([kept]);
      await each.stop();
    }
    expect(taken?.state).toBe('stopped');
  });

  it('tells the events of the servers that match when they happen, until they have stopped', async () => {
    const pool = opened.pool();
    for (const name of ['a', 'b']) await pool.storeNew({ name, listen: LOOPBACK });
    const events = [
      record(pool.filter(Name, 'c')),
      record(pool.filter(Name, undefined, '.').filter(Name, 'c')),
    ];
    await pool.start();
    await pool.get('b')?.setConfig({ name: 'c', listen: LOOPBACK, maxHandlers: 1 });
    await pool.filter(Name, 'c').clean();
    await pool.filter(Name, 'a').storeNew({ name: 'c', listen: LOOPBACK });
    for (const each of events) {
      expect(each.map(({ server, type, state }) => `${server} ${type} ${state}`)).toEqual([
        'c config running',
        'c removed running',
        'c state draining',
        'c state stopped',
        'c added stopped',
      ]);
    }
  });

  it('shows servers that were renamed, moved or added after it was made', async () => {
    const pool = opened.pool();
    const view = pool.filter(Name, undefined, '^api');
    const server = await pool.storeNew({ name: 'web', listen: '127.0.0.1:8081' });
    expect([view.len(), view.get('web'), view.load('127.0.0.1:8081')]).toEqual([
      0,
      undefined,
      undefined,
    ]);
    await server.setConfig({ name: 'api', listen: '127.0.0.1:8082' });
    expect([view.get('api'), view.load('127.0.0.1:8082')]).toEqual([server, server]);
    expect([view.has('127.0.0.1:8081'), view.len(), [...view]]).toEqual([false, 1, [server]]);
    pool.loadAndDelete('127.0.0.1:8082');
    expect([view.len(), view.get('api')]).toEqual([0, undefined]);
  });

  it('stops, deletes and applies to what it shows alone', async () => {
    const pool = opened.pool();
    for (const name of ['api-a', 'api-b', 'web']) await pool.storeNew({ name, listen: LOOPBACK });
    await pool.start();
    const view = pool.filter(Name, undefined, '^api');
    const [web] = [pool.get('web')];
    const plan = await view.apply([{ name: 'api-a', listen: LOOPBACK, maxHandlers: 3 }]);
    expect(plan).toMatchObject({ live: ['api-a'], remove: ['api-b'], add: [] });
    expect(names(pool)).toEqual(['api-a', 'web']);
    await expect(view.apply([{ name: 'web', listen: LOOPBACK }])).rejects.toThrow(
      "'web' is already the name of another server",
    );
    expect(names(pool)).toEqual(['api-a', 'web']);
    await view.stop();
    expect([view.isRunning(), web?.isRunning()]).toEqual([false, true]);
    await view.clean();
    expect(names(pool)).toEqual(['web']);
  });

  it('replaces in the pool the server of an address that the view does not show', async () => {
    const { listen, free } = await opened.takenPort();
    await free();
    const pool = opened.pool();
    const old = await pool.storeNew({ name: 'web', listen }, { start: true });
    const next = await pool.filter(Name, 'api').storeNew({ name: 'api', listen });
    expect([...pool]).toEqual([next]);
    expect(next.isRunning()).toBe(true);
    await old.stop();
    expect(old.state).toBe('stopped');
  });

  it('sets the handlers of the servers in a view alone', async () => {
    const pool = opened.pool({ handlers: () => ({ default: says('pool') }) });
    await pool.storeNew({ name: 'a', listen: LOOPBACK });
    await pool.storeNew({ name: 'b', listen: LOOPBACK });
    await pool.start();
    pool.filter(Name, 'b').handler(() => ({ default: says('view') }));
    expect(await text(pool.get('a')?.url)).toBe('pool');
    expect(await text(pool.get('b')?.url)).toBe('view');
  });
});
