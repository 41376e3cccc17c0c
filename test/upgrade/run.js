/**
 * Upgrades an application under `nestjs-http-pool run` again and again while clients that retry nothing
 * ask it: nothing may be lost, and the supervisor's memory and descriptors stay flat.
 *
 *     npm run test:upgrade                # 1,000 upgrades
 *     UPGRADES=20 npm run test:upgrade
 *
 * Run by `npm run test:upgrade`, which builds first.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { StrictClient } from './strict-client.js';

const upgrades = Number(process.env.UPGRADES ?? 1_000);
const clientCount = Number(process.env.CLIENTS ?? 16);
const cli = fileURLToPath(new URL('../../dist/process/cli.js', import.meta.url));
const entry = fileURLToPath(new URL('../process/children/plain.mjs', import.meta.url));

/** An upgrade that takes longer has failed. */
const longestMs = 120_000;

const child = spawn(process.execPath, [cli, 'run', entry], { stdio: ['ignore', 'pipe', 'pipe'] });
let waiting = [];
/** The end of its output, for a failure. */
const output = [];
const take = (line) => {
  output.push(line);
  if (output.length > 30) output.shift();
  const meant = waiting.filter(({ text }) => line.includes(text));
  waiting = waiting.filter((each) => !meant.includes(each));
  for (const { resolve } of meant) resolve(line);
};
for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', take);

function line(text) {
  return new Promise((resolve, reject) => {
    const late = () => {
      child.kill('SIGKILL');
      reject(new Error(`no line '${text}' within ${longestMs} ms:\n${output.join('\n')}`));
    };
    const timer = setTimeout(late, longestMs);
    waiting.push({ text, resolve: (found) => (clearTimeout(timer), resolve(found)) });
  });
}

/** Of the supervisor: resident memory in MB, and open descriptors. */
function footprint() {
  const [, kB] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
  return { mb: Number(kB) / 1024, descriptors: readdirSync(`/proc/${child.pid}/fd`).length };
}

const listens = line('listens on');
await line('generation 1 is ready');
const url = `http://127.0.0.1:${(await listens).split(' ').at(-1)}`;
const clients = Array.from({ length: clientCount }, (_, at) => new StrictClient(url, at % 2 === 0));
const footprints = [];
const began = performance.now();
for (let count = 1; count <= upgrades; count += 1) {
  const [ready, left] = [line('is ready: worker'), line('has left')];
  child.kill('SIGHUP');
  await ready;
  await left;
  footprints.push(footprint());
  if (count % 50 === 0) console.log(`${count} upgrades, ${JSON.stringify(footprints.at(-1))}`);
}
const seconds = (performance.now() - began) / 1000;
await Promise.all(clients.map((client) => client.end()));
child.kill('SIGTERM');
const [code] = await once(child, 'exit');

const lost = clients.flatMap(({ failures }) => failures);
const answered = clients.reduce((total, client) => total + client.answered, 0);
// What a process takes at first is no leak: the first tenth warms it up.
const warm = footprints.slice(Math.floor(footprints.length / 10));
const [first, last] = [warm[0], warm.at(-1)];
const isFlat = last.mb - first.mb < 20 && last.descriptors - first.descriptors <= 2;
console.log(
  `${upgrades} upgrades in ${seconds.toFixed(0)} s: ${answered} answered, ${lost.length} lost`,
);
console.log(
  `supervisor: ${first.mb.toFixed(0)} -> ${last.mb.toFixed(0)} MB, ` +
    `${first.descriptors} -> ${last.descriptors} descriptors, code ${code}`,
);
for (const each of new Set(lost)) console.log(`lost: ${each}`);
if (lost.length > 0 || !isFlat || code !== 0) process.exitCode = 1;
