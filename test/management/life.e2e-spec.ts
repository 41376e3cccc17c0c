import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import {
  Controller,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule, PoolErrorCode, PoolService, type PoolError } from '../../lib/index.js';
import { closeServer, Opened, refusal, takenPort } from '../nest/support/adapters.js';
import { failure, gate, waitFor } from '../support/events.js';
import { held, LOOPBACK } from '../support/handlers.js';
import { ask } from '../support/http-client.js';
import { HANDLERS, kinds, managed, moduleWith, of, type Managed } from './support.js';

const WEB = { name: 'web', listen: LOOPBACK };

/** The statuses of the paths that tell of the state. */
async function statuses({ url }: Pick<Managed, 'url'>): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const path of ['/livez', '/startupz', '/readyz', '/health']) {
    found[path] = (await ask(url(path))).status;
  }
  return found;
}

class Hello {}
Controller()(Hello);

describe.each(kinds)('the life of an application with $name', ({ make }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  /** Calls back from the hooks of another module, with the pool that is then. */
  const hooked = (hooks: Record<string, (pool: PoolService) => unknown>) => {
    @Injectable()
    class Other implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
      constructor(private readonly pool: PoolService) {}
      onModuleInit = () => hooks.onModuleInit?.(this.pool) as Promise<void>;
      onApplicationBootstrap = () => hooks.onApplicationBootstrap?.(this.pool) as Promise<void>;
      onModuleDestroy = () => hooks.onModuleDestroy?.(this.pool) as Promise<void>;
      beforeApplicationShutdown = () => hooks.beforeApplicationShutdown?.(this.pool);
    }
    class OtherModule {}
    Module({ providers: [Other] })(OtherModule);
    return OtherModule;
  };
  const view = (pool: PoolService): Pick<Managed, 'url'> => ({
    url: (path, server = 'management') => `${pool.get(server)!.url}${path}`,
  });

  it.each([
    ['and then that it has', []],
    ['beside controllers of a server too', [{ server: 'web', controllers: [Hello] }]],
  ])('tells that it starts while hooks of other modules run, %s', async (_what, features) => {
    let early: Record<string, number> | undefined;
    let states: string[] = [];
    const other = hooked({
      onApplicationBootstrap: async (pool) => {
        early = await statuses(view(pool));
        states = [...pool].map(({ name, state }) => `${name} ${state}`);
      },
    });
    const application = await managed(
      opened,
      make,
      { servers: [WEB], management: LOOPBACK, ...HANDLERS },
      [other, ...features.map((feature) => HttpPoolModule.forFeature(feature))],
    );
    expect(early).toEqual({ '/livez': 200, '/startupz': 503, '/readyz': 503, '/health': 503 });
    expect(states).toEqual(['web stopped', 'management running']);
    const ready = { '/livez': 200, '/startupz': 200, '/readyz': 200, '/health': 200 };
    expect(await statuses(application)).toEqual(ready);
  });

  it('answers 404 to other paths while it starts', async () => {
    let status: number | undefined;
    const other = hooked({
      onApplicationBootstrap: async (pool) => {
        ({ status } = await ask(view(pool).url('/nothing')));
      },
    });
    await managed(opened, make, { servers: [], management: LOOPBACK }, [other]);
    expect(status).toBe(404);
  });

  it('lets the port go when a bootstrap hook of another module throws', async () => {
    let url: string | undefined;
    const other = hooked({
      onApplicationBootstrap: async (pool) => {
        url = view(pool).url('/livez');
        expect((await ask(url)).status).toBe(200);
        throw new Error('the other module broke');
      },
    });
    const app = await make(moduleWith({ servers: [], management: LOOPBACK }, [other])).catch(
      (error: Error) => error,
    );
    const rejection = app instanceof Error ? app : await failure(app.init());
    expect(rejection.message).toBe('the other module broke');
    expect(await refusal(url!)).toBe('ECONNREFUSED');
  });

  it('binds nothing when a module fails before', async () => {
    let pool: PoolService | undefined;
    const other = hooked({
      onModuleInit: (made) => {
        pool = made;
        throw new Error('the other module broke');
      },
    });
    const app = await make(moduleWith({ servers: [], management: LOOPBACK }, [other]));
    await failure(app.init());
    expect(pool!.get('management')!.state).toBe('stopped');
  });

  it('is not ready from the call of close() on, before any hook, and stops after all others', async () => {
    const seen: Record<string, unknown>[] = [];
    const look = (hook: string) => async (pool: PoolService) => {
      // Nest 11 calls the hooks again when an application is closed twice.
      if (pool.isRunning()) seen.push({ hook, ...(await statuses(view(pool))) });
    };
    const other = hooked({ onModuleDestroy: look('onModuleDestroy') });
    const { handler, entered, release } = held('done');
    const application = await managed(
      opened,
      make,
      { servers: [WEB], management: LOOPBACK, handlers: () => ({ default: handler }) },
      [other],
    );
    const { pool, app, url } = application;
    const request = ask(url('/', 'web'));
    await entered.opened;
    const draining = waitFor(pool, ({ state }) => state === 'draining');
    const order: string[] = [];
    pool.events$.subscribe(({ server, state }) => order.push(`${server} ${state}`));
    const closed = app.close();
    await draining;
    const during = await statuses(application);
    expect(during).toEqual({ '/livez': 200, '/startupz': 200, '/readyz': 503, '/health': 503 });
    const health = JSON.parse((await ask(url('/health'))).body);
    expect(health).toMatchObject({
      status: 'error',
      error: { web: { status: 'down', state: 'draining' } },
      info: { management: { status: 'up' } },
    });
    const livez = url('/livez');
    release.open();
    expect((await request).body).toBe('done');
    await closed;
    expect(await refusal(livez)).toBe('ECONNREFUSED');
    expect(seen).toEqual([
      { hook: 'onModuleDestroy', '/livez': 200, '/startupz': 200, '/readyz': 503, '/health': 200 },
    ]);
    expect(order.filter((line) => /draining|stopped/.test(line))).toEqual([
      'web draining',
      'web stopped',
      'management draining',
      'management stopped',
    ]);
  });

  it('waits for pool.start() with autoStart false, and is there before the others', async () => {
    const application = await managed(opened, make, {
      servers: [WEB],
      management: LOOPBACK,
      autoStart: false,
      ...HANDLERS,
    });
    const { pool } = application;
    expect([...pool].map(({ state }) => state)).toEqual(['stopped', 'stopped']);
    const order: string[] = [];
    pool.events$.subscribe(({ server, state }) => order.push(`${server} ${state}`));
    await pool.start();
    expect(order).toEqual([
      'management starting',
      'management running',
      'web starting',
      'web running',
    ]);
    const ready = { '/livez': 200, '/startupz': 200, '/readyz': 200, '/health': 200 };
    expect(await statuses(application)).toEqual(ready);
    await pool.stop();
    await pool.start();
    expect(await statuses(application)).toEqual(ready);
  });

  it('starts nothing after a stop that overtook the start', async () => {
    const { pool } = await managed(opened, make, {
      servers: [WEB],
      management: LOOPBACK,
      autoStart: false,
      ...HANDLERS,
    });
    const starting = pool.start().catch(() => undefined);
    await pool.stop();
    await starting;
    expect([...pool].map(({ state }) => state)).toEqual(['stopped', 'stopped']);
    await Promise.all([pool.start(), pool.stop(), pool.start()]);
    expect([...pool].map(({ state }) => state)).toEqual(['running', 'running']);
  });

  it('tells that the start is over with continue though some failed, and that it is not ready', async () => {
    const { port, server } = await takenPort();
    opened.add(server, closeServer);
    const application = await managed(opened, make, {
      servers: [WEB, { name: 'taken', listen: `127.0.0.1:${port}` }],
      management: LOOPBACK,
      onStartFailure: 'continue',
      ...HANDLERS,
    });
    const found = { '/livez': 200, '/startupz': 200, '/readyz': 503, '/health': 503 };
    expect(await statuses(application)).toEqual(found);
  });

  it('lets the port go when a server fails to start', async () => {
    const { port, server } = await takenPort();
    opened.add(server, closeServer);
    let pool: PoolService | undefined;
    let url: string | undefined;
    const other = hooked({
      onApplicationBootstrap: (made) => {
        pool = made;
        url = view(made).url('/livez');
      },
    });
    const taken = { name: 'taken', listen: `127.0.0.1:${port}` };
    const options = { servers: [WEB, taken], management: LOOPBACK, ...HANDLERS };
    const app = await make(moduleWith(options, [other]));
    const error = await failure<PoolError>(app.init());
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_START);
    expect([...pool!].map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped']);
    expect(await refusal(url!)).toBe('ECONNREFUSED');
  });

  it('rejects the bootstrap when the port of the management server is taken', async () => {
    const { port, server } = await takenPort();
    opened.add(server, closeServer);
    const reached = gate();
    const other = hooked({ onApplicationBootstrap: () => reached.open() });
    for (const onStartFailure of ['abort', 'continue'] as const) {
      const management = `127.0.0.1:${port}`;
      const app = await make(
        moduleWith({ servers: [WEB], management, onStartFailure, ...HANDLERS }, [other]),
      );
      const error = await failure<PoolError>(app.init());
      expect(error.code).toBe(PoolErrorCode.ERR_POOL_START);
      expect(error.errors).toMatchObject([
        { server: 'management', code: 'ERR_SERVER_PORT_IN_USE', bind: management },
      ]);
    }
  });

  it('tells of one application only, of several in a process', async () => {
    const first = await managed(opened, make, {
      servers: [WEB],
      management: LOOPBACK,
      ...HANDLERS,
    });
    const second = await managed(opened, make, { servers: [], management: LOOPBACK });
    await first.app.close();
    expect((await ask(second.url('/readyz'))).status).toBe(200);
    expect(JSON.parse((await ask(second.url('/servers'))).body).size).toBe(1);
  });

  it('leaves an application without a management server alone', async () => {
    const order: string[] = [];
    const other = hooked({ onApplicationBootstrap: () => void order.push('hook') });
    const { pool } = await managed(opened, make, { servers: [WEB], ...HANDLERS }, [other]);
    expect(pool.size).toBe(1);
    expect(order).toEqual(['hook']);
  });

  it('is one of the servers, which apply leaves alone and defaults do not reach', async () => {
    const { pool, url } = await managed(opened, make, {
      servers: [WEB],
      management: { listen: LOOPBACK, idleTimeout: 1234 },
      defaults: { idleTimeout: 4321, logFilter: ['x'] },
      ...HANDLERS,
    });
    expect(pool.size).toBe(2);
    const management = pool.get('management')!;
    expect(management.config).toMatchObject({ shutdown: { last: true }, idleTimeout: 1234 });
    expect(management.config.logFilter).toBeUndefined();
    expect(pool.get('web')!.config.idleTimeout).toBe(4321);
    const plan = await pool.apply([{ name: 'api', listen: LOOPBACK }]);
    expect(plan.steps.map(({ server, action }) => `${server} ${action}`)).toEqual([
      'api add',
      'web remove',
    ]);
    expect(pool.get('management')).toBe(management);
    expect((await ask(url('/livez'))).status).toBe(200);
    expect((await ask(url('/readyz'))).status).toBe(200);
    const taken = await failure<PoolError>(pool.apply([{ name: 'management', listen: LOOPBACK }]));
    expect(taken.code).toBe(PoolErrorCode.ERR_POOL_VALIDATE);
    expect(taken.message).toContain("'management' is already the name of another server");
    expect(await pool.apply([], { dryRun: true })).toMatchObject({ remove: ['api'] });
    expect([...pool.clone()].map(({ name }) => name)).toEqual(['api']);
  });

  it('keeps its paths under another name and on another address', async () => {
    const { pool } = await managed(opened, make, {
      servers: [],
      management: { name: 'ops', listen: LOOPBACK },
    });
    const ops = pool.get('ops')!;
    expect((await ask(`${ops.url}/readyz`)).status).toBe(200);
    await ops.setConfig({ ...ops.config, listen: '127.0.0.2:0' });
    expect((await ask(`${ops.url}/readyz`)).status).toBe(200);
    await ops.restart();
    expect((await ask(`${ops.url}/readyz`)).status).toBe(200);
  });
});

it.each(['express', 'fastify', 'none'])(
  'is not ready from a signal on, before any hook, while the others still serve, with %s',
  async (kind) => {
    const script = new URL('children/signalled.mjs', import.meta.url).pathname;
    const child = spawn(process.execPath, [script, kind], { stdio: ['ignore', 'pipe', 'inherit'] });
    const closed = once(child, 'close');
    const output = await text(child.stdout);
    expect(await closed).toEqual([null, 'SIGTERM']);
    expect(JSON.parse(output)).toEqual({ running: [200, 200], onModuleDestroy: [503, 200] });
  },
);

it('is set up by a factory as well', async () => {
  const opened = new Opened();
  class App {}
  Module({
    imports: [
      HttpPoolModule.forRootAsync({
        useFactory: async () => ({ servers: [], management: LOOPBACK }),
      }),
    ],
  })(App);
  const app = opened.app(await kinds[0]!.make(App));
  await app.init();
  expect((await ask(of(app).url('/readyz'))).status).toBe(200);
  await opened.closeAll();
});
