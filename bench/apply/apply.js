/** Pools of running servers, changed by `apply`, or not, and restarted in other ways. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { answerCommands } from '../harness/child.js';
import { certificate } from '../harness/certificate.js';
import { cpuOf } from '../harness/cpu.js';
import { createPool, optionsOf } from '../harness/servers.js';
import { alternate } from '../harness/statistics.js';

async function startedPool(options) {
  const pool = await createPool(options);
  await pool.start();
  return pool;
}

/** One server of many is changed, in turn with what does the same to all. */
async function oneChange({ count, rounds }) {
  let options = optionsOf(count);
  const pool = await startedPool(options);
  let changes = 0;
  /** A new list with one server's timeout changed, as from a file that was read again. */
  const changedOptions = () => {
    changes += 1;
    options = structuredClone(options);
    options[count >> 1].idleTimeout = 10_000 + changes;
    return options;
  };
  const apply = (how) => () => {
    const list = changedOptions();
    return cpuOf(() => pool.apply(list, how));
  };
  const contestants = {
    apply: apply(),
    dryRun: apply({ dryRun: true }),
    restart: () => cpuOf(() => pool.restart()),
    stopAndStart: () => cpuOf(async () => (await pool.stop(), await pool.start())),
  };
  const results = await alternate(contestants, { rounds, warmUps: 3 });
  await pool.stop();
  return results;
}

/** Nothing is changed: plain servers, those with certificates in files, and in the config itself. */
async function noChange({ count, rounds }) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-apply-'));
  const { cert, key } = await certificate();
  const files = { cert: join(folder, 'site.crt'), key: join(folder, 'site.key') };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key);
  const lists = {
    plain: optionsOf(count),
    files: optionsOf(count, { tls: { certs: [files] } }),
    texts: optionsOf(count, { tls: { certs: [{ cert, key }] } }),
    control: optionsOf(count),
  };
  const contestants = {};
  const pools = [];
  for (const [name, options] of Object.entries(lists)) {
    const pool = await startedPool(options);
    pools.push(pool);
    contestants[name] = () => cpuOf(() => pool.apply(structuredClone(options)));
  }
  // As of a server that runs: files that were written less than a tenth of a second ago are read once more.
  await wait(200);
  const results = await alternate(contestants, { rounds, warmUps: 10 });
  await Promise.all(pools.map((pool) => pool.stop()));
  rmSync(folder, { recursive: true });
  return results;
}

answerCommands({ oneChange, noChange });
