/**
 * Measures the package beside bare Node and its peers, and prints one table: `npm run bench`. The exit
 * code is 1 when a row is over its criterion by more than the noise that the same run has measured.
 *
 *   <part>…        only these parts
 *   --short        a form for CI: fewer parts and rounds, and a part that fails is measured up to four times
 *   --json <file>  what was measured, with the machine, as JSON
 *   --write        puts the parts that were measured into docs/performance.json and docs/performance.md
 */
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { machine } from './harness/machine.js';
import { jsonOf, writePage } from './harness/performance-page.js';
import { parts } from './harness/parts.js';
import { printHeads, printPart } from './harness/terminal.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

function refuse(message) {
  console.error(message);
  process.exit(2);
}

const unknown = positionals.filter((name) => !(name in parts));
if (unknown.length > 0) {
  refuse(`No part '${unknown.join("', '")}'. There are: ${Object.keys(parts).join(', ')}`);
}
if (values.write && values.short) refuse('--write is for the full form.');

function chosen() {
  if (positionals.length > 0) return positionals;
  return Object.keys(parts).filter((name) => !values.short || parts[name].isShort);
}

/** `rounds` takes how many there are in the full form and in the short one. */
function measure(run) {
  const rounds = (full, short = full) => (values.short ? short : full);
  return run({ isShort: values.short, rounds });
}

const hasFailed = (rows) => rows.some(({ verdict }) => verdict === 'fail');

/** How often a part of the short form is measured before it fails. */
const mostTries = 4;

async function runPart(name) {
  const { title, run } = await import(`./${name}/${name}.bench.js`);
  let rows = await measure(run);
  // A neighbour that woke up meanwhile must not fail a build: what is too dear is so each time.
  for (let tries = 2; values.short && hasFailed(rows) && tries <= mostTries; tries += 1) {
    printPart(name, { title: `${title} (measured once more)`, rows });
    rows = failingAgain(rows, await measure(run));
  }
  return { name, title, rows };
}

/** The later rows, of which one fails that has failed before, too. */
function failingAgain(before, after) {
  return after.map((row, i) => {
    const hasPassed = before[i]?.verdict !== 'fail';
    return row.verdict === 'fail' && hasPassed ? { ...row, verdict: 'noise' } : row;
  });
}

async function measuredPart(name) {
  const load = loadavg()[0];
  const began = performance.now();
  const part = await runPart(name);
  const seconds = Math.round((performance.now() - began) / 1000);
  return { ...part, date: new Date().toISOString().slice(0, 10), seconds, load };
}

const began = performance.now();
const result = { machine: machine(), isShort: values.short, parts: [] };
const failed = [];
printHeads();
for (const name of chosen()) {
  try {
    const part = await measuredPart(name);
    printPart(name, part);
    result.parts.push(part);
    if (hasFailed(part.rows)) failed.push(name);
    if (values.json) writeFileSync(values.json, jsonOf(result));
    if (values.write) writePage(result);
  } catch (error) {
    console.error(`\n${name}: ${error.stack}`);
    failed.push(`${name} (no result)`);
  }
}

const seconds = Math.round((performance.now() - began) / 1000);
const verdict = failed.length === 0 ? 'All passed' : `Failed: ${failed.join(', ')}`;
console.log(`\n${verdict} (${seconds} s)`);
process.exitCode = failed.length === 0 ? 0 : 1;
