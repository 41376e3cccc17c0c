/**
 * What is told against Prometheus itself: its linters, and a server of it that scrapes a real load and is
 * asked what docs/grafana asks. It needs `prometheus` and `promtool`, of the Debian package `prometheus`.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { Registry } from 'prom-client';
import { HttpPoolModule, PoolService } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { LOOPBACK } from '../support/handlers.js';
import { ask, keepAlive, text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const grafana = new URL('../../docs/grafana/', import.meta.url).pathname;
const alerts = join(grafana, 'alerts.yml');
const alertsTest = new URL('./support/alerts.test.yml', import.meta.url).pathname;

@Controller('items')
class ItemsController {
  @Get(':id')
  one(): string {
    return 'an item';
  }
}

async function application(): Promise<PoolService> {
  class App {}
  Module({
    imports: [
      HttpPoolModule.forRoot({
        servers: [
          { name: 'public', listen: LOOPBACK },
          { name: 'secure', listen: LOOPBACK, tls },
        ],
        management: LOOPBACK,
        metrics: { registry: new Registry() },
      }),
    ],
    controllers: [ItemsController],
  })(App);
  const app = await NestFactory.create(App, new ExpressAdapter(), { logger: false });
  opened.onClose(() => app.close());
  await app.init();
  return app.get(PoolService);
}

async function load(pool: PoolService, count: number): Promise<void> {
  for (const name of ['public', 'secure']) {
    const { url } = pool.get(name)!;
    const agent = keepAlive(url!.startsWith('https:'));
    for (let at = 0; at < count; at += 1) await ask(new URL(`/items/${at}`, url), { agent });
    await ask(new URL('/none', url), { agent });
    agent.destroy();
  }
}

/** Runs a program to its end; what it says in error is the failure. */
function run(program: string, args: string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ${args.join(' ')}: ${stdout}${stderr}`));
      else resolve(stdout + stderr);
    });
    child.stdin?.end(input);
  });
}

describe('promtool', () => {
  it('finds nothing in what /metrics answers', async () => {
    const pool = await application();
    await load(pool, 3);
    const exposition = await text(`${pool.get('management')!.url}/metrics`);
    expect(exposition).toContain('http_server_request_duration_seconds_bucket');
    expect(await run('promtool', ['check', 'metrics'], exposition)).toBe('');
  });

  it('takes the alert rules, and they fire when they should', async () => {
    expect(await run('promtool', ['check', 'rules', alerts])).toMatch(/SUCCESS: 9 rules found/);
    expect(await run('promtool', ['test', 'rules', alertsTest])).toContain('SUCCESS');
  });
});

interface Prometheus {
  query(expression: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]>;
}

/** A Prometheus that scrapes a management server four times a second, until the test ends. */
async function prometheus(target: string): Promise<Prometheus> {
  const folder = await opened.folder();
  const config = join(folder, 'prometheus.yml');
  await writeFile(
    config,
    JSON.stringify({
      global: { scrape_interval: '250ms', scrape_timeout: '250ms', evaluation_interval: '1s' },
      rule_files: [alerts],
      scrape_configs: [
        { job_name: 'shop', scrape_timeout: '250ms', static_configs: [{ targets: [target] }] },
      ],
    }),
  );
  const { port, free } = await opened.takenPort();
  await free();
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  );
  const exited = once(child, 'exit');
  opened.onClose(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const base = `http://127.0.0.1:${port}`;
  const isReady = (): Promise<boolean> =>
    fetch(`${base}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error(`prometheus exited with ${child.exitCode}`);
    await wait(50);
  }
  return {
    query: async (expression) => {
      const url = `${base}/api/v1/query?query=${encodeURIComponent(expression)}`;
      const answer = (await (await fetch(url)).json()) as any;
      if (answer.status !== 'success') throw new Error(`${expression}: ${JSON.stringify(answer)}`);
      return answer.data.result;
    },
  };
}

/** Every query of the dashboard, with the variables of Grafana filled in. */
function dashboardQueries(): string[] {
  const { panels } = JSON.parse(readFileSync(join(grafana, 'dashboard.json'), 'utf8')) as {
    panels: { targets?: { expr: string }[] }[];
  };
  return panels
    .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    .map((expr) =>
      expr
        .replaceAll('$server', '.*')
        .replaceAll('$__rate_interval', '1m')
        .replaceAll('$__range', '5m'),
    );
}

/** What is asked about that which did not happen in this load. */
const ABOUT_MISHAPS = /cut_total|drain_duration|status_code=~"5/;

it('answers every query of the dashboard, with what was counted', async () => {
  const pool = await application();
  await load(pool, 5);
  const management = new URL(pool.get('management')!.url!);
  const { query } = await prometheus(management.host);
  const counted =
    'sum by (server) (http_server_request_duration_seconds_count{server!="management"})';
  while ((await query(counted)).length < 2) await wait(50);
  const counts = (await query(counted)).map(({ metric, value }) => [metric.server, value[1]]);
  expect(Object.fromEntries(counts)).toEqual({ public: '6', secure: '6' });
  const routes = await query(
    'http_server_request_duration_seconds_count{server="secure", http_route!=""}',
  );
  expect(
    routes.map(({ metric, value }) => [metric.http_route, metric.url_scheme, value[1]]),
  ).toEqual([['/items/:id', 'https', '5']]);
  // A rate needs a second scrape that has seen more.
  await load(pool, 5);
  const rate = 'sum(rate(http_server_request_duration_seconds_count{server="public"}[1m])) > 0';
  while ((await query(rate)).length === 0) await wait(50);
  const silent: string[] = [];
  for (const expression of dashboardQueries()) {
    const found = await query(expression);
    if (found.length === 0 && !ABOUT_MISHAPS.test(expression)) silent.push(expression);
  }
  expect(silent).toEqual([]);
  expect(await query('up == 1')).toHaveLength(1);
});
