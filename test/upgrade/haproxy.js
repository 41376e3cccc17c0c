/**
 * Restarts the two replicas of sample 08 behind HAProxy again and again, under clients that retry
 * nothing, until so many requests were made: none may be lost.
 *
 *     npm run test:haproxy                  # 100,000 requests
 *     REQUESTS=5000 npm run test:haproxy
 *
 * Run by `npm run test:haproxy`, which builds first. The sample listens on the ports of its README.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const wanted = Number(process.env.REQUESTS ?? 100_000);
const clients = process.env.CLIENTS ?? '100';

/** Restarts of both replicas in one run of `prove`. */
const times = '5';

const path = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const sample = 'sample/08-behind-haproxy';
const tsc = path('node_modules/@typescript/native/bin/tsc');
execFileSync(process.execPath, [tsc, '-p', path(sample)], { stdio: 'inherit' });

const prove = [path('dist/process/cli.js'), 'prove', '--json'];
const load = ['--url', 'http://127.0.0.1:3080/greeting/ann', '--clients', clients];
const action = ['--action', 'reload', '--times', times, '--observe', '5s'];
const command = ['--', process.execPath, path(`${sample}/dist/main.js`)];

let [requests, lost, restarts] = [0, 0, 0];
while (requests < wanted && lost === 0) {
  const args = [...prove, ...load, ...action, ...command];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  const report = status === 0 || status === 1 ? JSON.parse(stdout) : undefined;
  if (report === undefined) {
    console.error(stderr);
    process.exit(1);
  }
  const done = stderr.match(/all replicas were restarted/g)?.length ?? 0;
  requests += report.requests;
  lost += report.lost;
  restarts += done;
  console.log(`${requests} requests, ${lost} lost, ${restarts} restarts of both`, report.kinds);
}
if (lost > 0 || restarts === 0) process.exitCode = 1;
