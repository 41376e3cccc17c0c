/**
 * Makes the table of docs/prove.md: `npm run bench:prove`. What was lost, counted by `nestjs-http-pool prove`,
 * when the same Nest application is stopped, restarted or reloaded in several ways. pm2 is installed from
 * npm into a folder that goes away again; everything listens on the loopback.
 *
 *   --times <n>   actions in a row for each line of the table (10)
 *   --only <row>  those whose name contains this
 *   --write       put the table into docs/prove.md
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const PM2 = 'pm2@7.0.4';
const root = fileURLToPath(new URL('../..', import.meta.url));
const file = (name) => join(root, 'bench', 'prove', name);
const cli = join(root, 'dist', 'process', 'cli.js');

const rows = [
  { name: 'Nest alone', action: 'stop', command: [file('nest-alone.js')] },
  { name: 'Nest on this pool', action: 'stop', command: [file('pool.js')] },
  { name: 'Nest alone', action: 'restart', command: [file('nest-alone.js')] },
  { name: 'Nest on this pool', action: 'restart', command: [file('pool.js')] },
  { name: '`node:cluster` by hand', action: 'reload', command: [file('cluster-by-hand.js')] },
  { name: PM2, action: 'reload', command: [file('pm2.js')], usesPm2: true },
  { name: '`nestjs-http-pool run`', action: 'reload', command: [cli, 'run', file('pool.js')] },
];

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function installPm2(folder) {
  const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', PM2];
  execFileSync('npm', args, { stdio: ['ignore', 2, 2] });
  mkdirSync(join(folder, 'home'));
  const bin = join(folder, 'node_modules', 'pm2', 'bin', 'pm2');
  return { PM2: bin, PM2_HOME: join(folder, 'home') };
}

async function prove({ action, command }, times, env) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const options = ['--url', url, '--action', action, '--times', String(times), '--json'];
  const child = spawn(
    process.execPath,
    [cli, 'prove', ...options, '--', process.execPath, ...command],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env, PORT: String(port) } },
  );
  const out = await text(child.stdout);
  if (out === '') throw new Error(`${command.join(' ')} could not be tried`);
  return JSON.parse(out);
}

function lineOf({ name }, { action, times, requests, lost, kinds }) {
  const said = Object.entries(kinds).map(([kind, count]) => `${count} \`${kind}\``);
  const number = (value) => value.toLocaleString('en');
  return `| ${[name, `${action} × ${times}`, number(requests), number(lost), said.join(', ') || '–'].join(' | ')} |`;
}

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});
const wanted = rows.filter(({ name }) => name.includes(values.only));
const folder = mkdtempSync(join(tmpdir(), 'prove-table-'));
try {
  const pm2 = wanted.some(({ usesPm2 }) => usesPm2) ? installPm2(folder) : {};
  const lines = [
    '| what | action | requests | lost | of which kind |',
    '| --- | --- | --- | --- | --- |',
  ];
  for (const row of wanted) {
    lines.push(lineOf(row, await prove(row, Number(values.times), row.usesPm2 ? pm2 : {})));
    console.error(lines.at(-1));
  }
  const where = `Node ${process.versions.node}, ${availableParallelism()} cores`;
  const table = `${lines.join('\n')}\n\n${where}; 24 clients on the same machine.`;
  console.log(table);
  if (values.write) {
    const page = join(root, 'docs', 'prove.md');
    const [begin, end] = ['<!-- table -->', '<!-- /table -->'];
    const [before, rest] = readFileSync(page, 'utf8').split(begin);
    writeFileSync(page, `${before}${begin}\n${table}\n${end}${rest.split(end)[1]}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
