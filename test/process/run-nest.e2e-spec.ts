import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ask } from '../support/http-client.js';
import { StrictClients } from './support/strict-clients.js';
import { application, Supervised, type SupervisedOptions } from './support/supervised.js';

// Each start of a process takes seconds on a busy machine.
jest.setTimeout(180_000);

describe('a Nest application under a supervisor', () => {
  let supervised: Supervised | undefined;
  afterEach(async () => {
    await supervised?.kill();
    await StrictClients.endAll();
  });

  const start = async (options: SupervisedOptions) => {
    const app = (supervised = new Supervised(application('nest.mjs'), options));
    const [main, management] = [app.line('main listens on'), app.line('management listens on')];
    await app.ready();
    const urlOf = async (line: Promise<string>) => (await line).split(' ').at(-1) as string;
    return { app, main: await urlOf(main), management: await urlOf(management) };
  };

  it.each(['', 'yes'])(
    'drains before its own hooks run, where it has any (HOOKS=%s)',
    async (HOOKS) => {
      const { app, main } = await start({ env: { HOOKS } });
      const asked = app.line('asked /slow');
      const slow = ask(`${main}/slow`);
      await asked;
      expect(await app.stop()).toBe(0);
      expect((await slow).body).toBe('slow');
      const told = app.lines.filter((line) => /slow|onModuleDestroy/.test(line));
      expect(told).toEqual(['asked /slow', 'answers /slow', ...(HOOKS ? ['onModuleDestroy'] : [])]);
    },
  );

  it.each(['hangs', 'rejects'])(
    'runs its hooks when a metric of its own %s as it leaves',
    async (METRIC) => {
      const { app } = await start({ env: { HOOKS: 'yes', METRIC } });
      expect(await app.stop()).toBe(0);
      expect(app.lines).toContain('onModuleDestroy');
    },
  );

  it('tells operators of all workers as one, through upgrades', async () => {
    const { app, main, management } = await start({ options: ['--workers', '2'] });
    const json = async (path: string) => JSON.parse((await ask(`${management}${path}`)).body);
    for (let count = 0; count < 10; count += 1) await ask(main);
    const { requests, workers, servers } = await json('/servers');
    expect(workers.map(({ generation }: { generation: number }) => generation)).toEqual([1, 1]);
    expect(new Set(workers.map(({ pid }: { pid: number }) => pid)).size).toBe(2);
    const sum = (name: string): number =>
      workers.reduce((total: number, { stats }: any) => total + stats[name], 0);
    expect(requests).toBe(sum('requests'));
    expect(servers.find(({ name }: { name: string }) => name === 'main').requests).toBe(10);
    expect((await json('/health')).details.main.status).toBe('up');

    const read = async () => (await ask(`${management}/metrics`)).body.split('\n');
    const countsOf = (lines: string[]) =>
      lines
        .filter((line) => /^http_server_request_duration_seconds_count\{.*server="main"/.test(line))
        .map((line) => Number(line.split(' ').at(-1)));
    const metrics = await read();
    expect(countsOf(metrics)).toEqual([10]);
    const up = metrics.filter((line) => line.startsWith('http_pool_server_up{'));
    expect(up.map((line) => line.split(' ').at(-1))).toEqual(['1', '1']);

    // As many at once as there are, and the log stays quiet.
    const many = Array.from({ length: 40 }, () => ask(`${management}/readyz`));
    for (const { status } of await Promise.all(many)) expect(status).toBe(200);
    expect(app.lines.join('\n')).not.toContain('Warning');

    const readiness = new Set<number>();
    const counted: number[] = [];
    let isOver = false;
    const probes = (async () => {
      while (!isOver) {
        readiness.add((await ask(`${management}/readyz`)).status);
        counted.push(...countsOf(await read()));
        await ask(main);
      }
    })();
    const left = app.line('has left');
    await app.upgraded();
    await left;
    isOver = true;
    await probes;
    expect([...readiness]).toEqual([200]);
    // Those that left are in it, and a worker that has not served yet takes nothing away.
    expect(counted).toEqual(counted.toSorted((a, b) => a - b));
    const total = 10 + counted.length;
    expect(countsOf(await read())).toEqual([total]);
    const after = await json('/servers');
    expect(after.workers.map(({ generation }: { generation: number }) => generation)).toEqual([
      2, 2,
    ]);
    const replaced = app.line('is ready');
    process.kill(after.workers[0].pid, 'SIGKILL');
    await replaced;
    expect(countsOf(await read())).toEqual([total]);
  });

  it('is not ready any more from the signal on that ends it', async () => {
    const { app, main, management } = await start({});
    const asked = app.line('asked /slow');
    const slow = ask(`${main}/slow`);
    await asked;
    const drains = app.line('SIGTERM');
    app.signal('SIGTERM');
    await drains;
    expect((await ask(`${management}/readyz`)).status).toBe(503);
    expect((await slow).status).toBe(200);
    expect((await app.ended).code).toBe(0);
  });
});
