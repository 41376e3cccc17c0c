/** Pools to look servers up in, and what a look-up takes, in nanoseconds. */
import { answerCommands } from '../harness/child.js';
import { cpuSince } from '../harness/cpu.js';
import { createPool, handler, optionsOf } from '../harness/servers.js';
import { alternate } from '../harness/statistics.js';

const lookUps = 50_000;

/** The same addresses for all, spread over the whole. */
function timeOf(lookUp, keys) {
  const begin = process.cpuUsage();
  let found = 0;
  for (let i = 0; i < lookUps; i += 1) if (lookUp(keys[i % keys.length])) found += 1;
  const used = cpuSince(begin);
  if (found !== lookUps) throw new Error(`found ${found} of ${lookUps}`);
  return (used * 1000) / lookUps;
}

const contestant = (owner, method, keys) => () => timeOf((key) => owner[method](key), keys);

async function canonical({ count, rounds }) {
  const options = optionsOf(count).map((each, i) => ({
    ...each,
    listen: `127.0.0.1:${10_000 + i}`,
  }));
  const keys = options.map(({ listen }) => listen);
  const pool = await createPool(options);
  const map = new Map(keys.map((key) => [key, handler]));
  const other = new Map(map);
  const contestants = {
    map: contestant(map, 'get', keys),
    pooled: contestant(pool, 'load', keys),
    control: contestant(other, 'get', keys),
  };
  return alternate(contestants, { rounds, warmUps: 3 });
}

async function startedPool(count) {
  const pool = await createPool(optionsOf(count));
  await pool.start();
  const keys = [...pool].map(({ address: { host, port } }) => `${host}:${port}`);
  return { keys, pool };
}

/** Of a small pool and of a large one, by as many different addresses, each beside a map of its size. */
async function real({ few, many, rounds }) {
  const small = await startedPool(few);
  const large = await startedPool(many);
  const step = Math.floor(many / few);
  const spread = large.keys.filter((_, i) => i % step === 0).slice(0, few);
  const mapOf = ({ keys, pool }) => new Map([...pool].map((server, i) => [keys[i], server]));
  const contestants = {
    mapOfFew: contestant(mapOf(small), 'get', small.keys),
    mapOfMany: contestant(mapOf(large), 'get', spread),
    few: contestant(small.pool, 'load', small.keys),
    many: contestant(large.pool, 'load', spread),
    control: contestant(small.pool, 'load', small.keys),
  };
  const results = await alternate(contestants, { rounds, warmUps: 3 });
  await Promise.all([small.pool.stop(), large.pool.stop()]);
  return results;
}

answerCommands({ canonical, real });
