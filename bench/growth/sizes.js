/** What each operation of a pool costs for each server, at one size of the pool. */
import { PooledServer } from '../../dist/index.js';
import { answerCommands } from '../harness/child.js';
import { cpuOf } from '../harness/cpu.js';
import {
  closeAll,
  createBare,
  createPool,
  handler,
  listenAll,
  optionsOf,
} from '../harness/servers.js';

/** A small pool is made again and again, for one alone is over before the clock has moved. */
const serversInAll = 1000;
const lookUps = 20_000;
const storesAtMost = 500;

async function bare(count) {
  let servers;
  const start = await cpuOf(() => listenAll((servers = createBare(count))));
  const load = await bareLoadOf(servers);
  const stop = await cpuOf(() => closeAll(servers));
  return { start: start / count, load, stop: stop / count };
}

/** What a look-up by a text costs among so many, wherever: a large map is in no cache of the CPU. */
async function bareLoadOf(servers) {
  const byAddress = new Map(servers.map((server) => [keyOf(server.address()), server]));
  const keys = [...byAddress.keys()];
  let found = 0;
  const used = await cpuOf(() => {
    // What is found is used, or the engine leaves the look-up out.
    for (let i = 0; i < lookUps; i += 1) found += byAddress.get(keys[i % keys.length]).listening;
  });
  if (found !== lookUps) throw new Error('a server was not found');
  return used / lookUps;
}

const keyOf = ({ address, host = address, port }) => `${host}:${port}`;

async function pooled(count) {
  const perServer = async (work) => (await cpuOf(work)) / count;
  const addresses = fixedAddresses(count);
  let stopped;
  const create = await perServer(async () => (stopped = await createPool(addresses)));
  const store = await storeOf(stopped, addresses);
  const pool = await createPool(optionsOf(count));
  const start = await perServer(() => pool.start());
  // With it the system is asked for the ports of all.
  const firstLoad = await perServer(() => pool.load('127.0.0.1:1'));
  const load = await loadOf(pool);
  // Durations of an hour and more: nothing times out, and every server changes.
  const changed = optionsOf(count, { idleTimeout: '2h' });
  const apply = await perServer(() => pool.apply(changed));
  const restart = await perServer(() => pool.restart());
  const stop = await perServer(() => pool.stop());
  return { create, start, firstLoad, load, store, apply, restart, stop };
}

/** By the addresses that the system gave. */
async function loadOf(pool) {
  const keys = [...pool].map(({ address }) => keyOf(address));
  const used = await cpuOf(() => {
    for (let i = 0; i < lookUps; i += 1) pool.load(keys[i % keys.length]);
  });
  return used / lookUps;
}

/** Nothing is bound there. */
const fixedAddresses = (count) =>
  optionsOf(count).map((options, i) => ({ ...options, listen: `127.0.0.1:${10_000 + i}` }));

/** Over servers on the same addresses, spread over the whole. */
async function storeOf(pool, addresses) {
  const count = Math.min(addresses.length, storesAtMost);
  const step = Math.floor(addresses.length / count);
  const replacements = Array.from({ length: count }, (_, i) =>
    PooledServer.create(addresses[i * step], { handlers: () => ({ '': handler }) }),
  );
  const used = await cpuOf(async () => {
    for (const replacement of replacements) await pool.store(replacement);
  });
  return used / count;
}

async function measure({ kind, count }) {
  const times = Math.max(1, Math.floor(serversInAll / count));
  const sums = {};
  for (let i = 0; i < times; i += 1) {
    const results = await (kind === 'bare' ? bare : pooled)(count);
    for (const [name, value] of Object.entries(results)) sums[name] = (sums[name] ?? 0) + value;
  }
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / times]));
}

answerCommands({ measure });
