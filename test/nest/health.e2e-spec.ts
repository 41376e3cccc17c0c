import { Controller, Get, Module } from '@nestjs/common';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { afterEach, describe, expect, it } from '@jest/globals';
import { filter, firstValueFrom } from 'rxjs';
import { PoolErrorCode } from '../../lib/errors/pool.error.js';
import { PoolHealthIndicator } from '../../lib/health/pool.health-indicator.js';
import { HttpPoolModule } from '../../lib/http-pool.module.js';
import { PoolService } from '../../lib/pool.service.js';
import { ca, issue } from '../support/certificates.js';
import { closeServer, Opened, platforms, takenPort, urlOf } from './support/adapters.js';

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly pool: PoolHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  check() {
    return this.health.check([...this.pool.indicators()]);
  }

  @Get('pool')
  @HealthCheck()
  checkPool() {
    return this.health.check([() => this.pool.checkPool('pool')]);
  }
}

@Module({ imports: [TerminusModule.forRoot({ logger: false })], controllers: [HealthController] })
class HealthModule {}

type Options = Parameters<typeof HttpPoolModule.forRoot>[0];
const WEB = { name: 'web', listen: '127.0.0.1:0' };
const ADMIN = { name: 'admin', listen: '127.0.0.1:0' };

describe.each(platforms)('PoolHealthIndicator on $name', ({ create }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const appWith = async (options: Options) => {
    class App {}
    Module({ imports: [HttpPoolModule.forRoot(options), HealthModule] })(App);
    const app = opened.app(await create(App));
    await app.init();
    const pool = app.get(PoolService);
    const indicator = app.get(PoolHealthIndicator);
    const ask = async (path = '/health') => {
      const response = await fetch(urlOf(app, 'admin', path));
      return { status: response.status, body: (await response.json()) as any };
    };
    return { app, pool, indicator, ask };
  };

  it('answers 200 with what each server is', async () => {
    const { ask, pool } = await appWith([WEB, ADMIN]);
    const { status, body } = await ask();
    expect(status).toBe(200);
    expect(body.details.web).toEqual({
      status: 'up',
      bind: '127.0.0.1:0',
      expose: pool.get('web')?.expose,
      state: 'running',
      tls: false,
      uptime: expect.any(Number),
    });
    expect((await ask('/health/pool')).body.details.pool).toMatchObject({
      status: 'up',
      servers: { web: { status: 'up' }, admin: { status: 'up' } },
    });
  });

  it.each(['soon', -5])('refuses %p as a timeout', async (timeout) => {
    const { indicator } = await appWith([WEB]);
    const refused = expect.objectContaining({
      code: PoolErrorCode.ERR_POOL_MONITOR,
      message: expect.stringMatching(
        /timeout.* got the (string 'soon'|number -5), give a duration/,
      ),
    });
    await expect(indicator.check('web', 'web', { timeout })).rejects.toEqual(refused);
    await expect(indicator.check('web', 'nobody', { timeout })).rejects.toEqual(refused);
    await expect(indicator.checkPool('pool', { timeout })).rejects.toEqual(refused);
    expect(() => indicator.indicators({ timeout })).toThrow(refused);
  });

  it('answers 503 when a server is stopped, and 200 when it is back', async () => {
    const { ask, pool } = await appWith([WEB, ADMIN]);
    await pool.get('web')?.stop();
    const down = await ask();
    expect(down.status).toBe(503);
    expect(down.body.error.web).toMatchObject({
      status: 'down',
      state: 'stopped',
      message: 'it is stopped',
    });
    expect((await ask('/health/pool')).body.error.pool).toMatchObject({
      status: 'down',
      message: "not up: 'web'",
    });
    await pool.get('web')?.start();
    expect((await ask()).status).toBe(200);
  });

  it('answers 503 with the reason when a port is taken', async () => {
    const { port, server } = await takenPort();
    opened.add(server, closeServer);
    const { ask } = await appWith({
      servers: [{ name: 'web', listen: `127.0.0.1:${port}` }, ADMIN],
      onStartFailure: 'continue',
    });
    const { status, body } = await ask();
    expect(status).toBe(503);
    expect(body.error.web).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('EADDRINUSE'),
    });
    expect(body.details.admin.status).toBe('up');
  });

  it('takes a server whose certificate has expired for degraded, with a monitor or without', async () => {
    const notAfterDate = new Date(Date.now() - 86_400_000);
    const tls = { certs: [await issue(ca, ['localhost'], { notAfterDate })] };
    const monitored = { ...WEB, name: 'monitored', tls, monitor: {} };
    const { indicator, pool } = await appWith([{ ...WEB, tls }, monitored, ADMIN]);
    for (const name of ['web', 'monitored']) {
      const { message } = (await pool.get(name)!.monitor()) as { message: string };
      expect(message).toContain('expired on');
      expect((await indicator.check('a', name)).a).toMatchObject({ status: 'degraded', message });
    }
    expect((await indicator.checkPool('all')).all.status).toBe('degraded');
  });

  it('takes a disabled server for up', async () => {
    const { ask } = await appWith([{ ...WEB, disabled: true }, ADMIN]);
    const { status, body } = await ask();
    expect(status).toBe(200);
    expect(body.details.web).toMatchObject({ status: 'up', disabled: true, state: 'stopped' });
  });

  it('takes a draining server for down', async () => {
    const { indicator, pool } = await appWith([{ ...WEB, shutdown: { delay: 60 } }, ADMIN]);
    const stopped = pool.get('web')!.stop();
    expect(pool.get('web')?.state).toBe('draining');
    expect(await indicator.check('web', 'web')).toMatchObject({
      web: { status: 'down', state: 'draining', message: expect.stringContaining('draining') },
    });
    await stopped;
  });

  it('finds a server by its name and by its address, and has no unknown one up', async () => {
    const { indicator, pool } = await appWith([WEB, ADMIN]);
    const { port } = pool.get('web')!.address as { port: number };
    expect((await indicator.check('a', 'web')).a.status).toBe('up');
    expect((await indicator.check('b', `127.0.0.1:${port}`)).b.status).toBe('up');
    expect((await indicator.check('c', 'wbe')).c).toEqual({
      status: 'down',
      message: "The pool has no server named 'wbe': the servers are 'web', 'admin'",
    });
  });

  it('gives a check up that takes too long', async () => {
    const { indicator, pool } = await appWith([WEB, ADMIN]);
    const web = pool.get('web')!;
    // A subclass of a user, say, whose check heeds no signal.
    web.healthCheck = () => new Promise(() => undefined);
    const result = await indicator.check('web', 'web', { timeout: 20 });
    expect(result.web).toMatchObject({ status: 'down', message: 'no answer within 20 ms' });
  });

  it('reads degraded from the monitor, with 200, and moves nothing however often it is asked', async () => {
    let failing = false;
    let asked = 0;
    const { ask, pool } = await appWith({
      servers: [
        {
          ...WEB,
          handlerKey: 'flaky',
          monitor: {
            path: '/',
            intervalCheck: 5,
            // Once it is degraded the next check is far away.
            intervalFall: '1h',
            fallCountWarn: 1,
            fallCountKO: 1,
          },
        },
        ADMIN,
      ],
      handlers: () => ({
        flaky: (_request, response) => {
          asked += 1;
          response.writeHead(failing ? 500 : 200).end();
        },
      }),
    });
    expect((await ask()).body.details.web.status).toBe('up');
    const fallen = firstValueFrom(pool.events$.pipe(filter(({ type }) => type === 'health')));
    failing = true;
    await fallen;
    const before = asked;
    for (let count = 0; count < 7; count += 1) {
      expect(await ask()).toMatchObject({
        status: 200,
        body: {
          status: 'degraded',
          details: { web: { status: 'degraded', message: expect.stringContaining('500') } },
        },
      });
    }
    expect(asked).toBe(before);
  });

  it('is there where TerminusModule is not', async () => {
    class App {}
    Module({ imports: [HttpPoolModule.forRoot([WEB])] })(App);
    const app = opened.app(await create(App));
    await app.init();
    expect((await app.get(PoolHealthIndicator).check('web', 'web')).web.status).toBe('up');
  });
});
