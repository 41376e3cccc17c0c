/**
 * Runs the benches, or those named: `node bench/run.js start request`. Each prints a table that
 * holds its numbers against its criterion; the exit code is 1 when one fails.
 */
import { printTable } from './harness/report.js';

const benches = {
  start: './start/start.bench.js',
  request: './request/request.bench.js',
  swap: './swap/swap.bench.js',
  apply: './apply/apply.bench.js',
  'accept-queue': './accept-queue/accept-queue.bench.js',
  feature: './feature/feature.bench.js',
  metrics: './metrics/metrics.bench.js',
  'express-http2': './express-http2/express-http2.bench.js',
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(
    `No bench '${unknown.join("', '")}'. There are: ${Object.keys(benches).join(', ')}`,
  );
  process.exit(2);
}

const failed = [];
const began = performance.now();
for (const name of wanted.length > 0 ? wanted : Object.keys(benches)) {
  try {
    const { title, run } = await import(benches[name]);
    if (!printTable(title, await run())) failed.push(name);
  } catch (error) {
    console.error(`\n${name}: ${error.stack}`);
    failed.push(name);
  }
}

const seconds = ((performance.now() - began) / 1000).toFixed(0);
console.log(
  `\n${failed.length === 0 ? 'All passed' : `Failed: ${failed.join(', ')}`} (${seconds} s)`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
