/**
 * Random connections to every kind of server, and what must hold whatever came: the process lives and
 * has nothing uncaught, nothing of a connection stays, the next right request is answered.
 */
import { certificates } from '../tls.js';
import { connectionOf } from './cases.js';
import { drive } from './client.js';
import { DrivenProcess } from './driven-process.js';
import { rightRequest } from './right-request.js';
import { servers } from './servers.js';

/** Connections that come at once. */
const atOnce = 128;

/** So much more than after the warm-up may be held in the end. */
const mostGrowth = 1.2;

/**
 * @param options.seed Of the run
 * @param options.connections How many, beside those of the warm-up
 * @param options.from The number of the first one, to replay a part of a run
 * @param options.roundSize After so many it is looked whether all holds
 * @param options.warmUp So many are made before memory is measured for the first time; 0: it is not judged
 * @param options.onRound Told how many were made, and how much memory is held
 * @returns `faults`, in words; none when all held
 */
export async function runConnectionFuzz(options) {
  const { seed, connections, from = 0, roundSize = 10_000, warmUp = 0, onRound } = options;
  const driven = new DrivenProcess();
  try {
    const portOf = await startApplication(driven);
    const run = { driven, portOf, seed };
    let before;
    let after;
    for (const { first, count, isWarmUp } of rounds({ connections, from, roundSize, warmUp })) {
      await makeConnections(run, first, count);
      const faults = await judge(run);
      if (faults.length > 0) return { faults, from: first, count };
      const memory = await driven.ask('memory');
      if (isWarmUp) before = memory;
      else after = memory;
      onRound?.({ first, count, memory });
    }
    const faults = before ? judgeMemory(before, after) : [];
    const cut = await driven.ask('stop');
    if (cut.length > 0) faults.push(`the stop had to cut connections of ${cut.join(', ')}`);
    return { faults, before, after };
  } catch (error) {
    return { faults: [String(error.stack ?? error), ...driven.lastWords] };
  } finally {
    await driven.end();
  }
}

/** The ports of the servers by their names. */
export async function startApplication(driven) {
  const ports = await driven.ask('start', { tls: await certificates() });
  return new Map(ports.map(({ name, port }) => [name, port]));
}

function* rounds({ connections, from, roundSize, warmUp }) {
  if (warmUp > 0) yield { first: from + connections, count: warmUp, isWarmUp: true };
  for (let first = from; first < from + connections; first += roundSize) {
    yield { first, count: Math.min(roundSize, from + connections - first), isWarmUp: false };
  }
}

async function makeConnections({ driven, portOf, seed }, first, count) {
  let next = first;
  const one = async () => {
    while (next < first + count && driven.isAlive) {
      const connection = connectionOf(seed, next++);
      await drive(portOf.get(connection.server.name), connection);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  if (!driven.isAlive) throw new Error(`the process died near connection ${next}`);
}

async function judge({ driven, portOf }) {
  const { open, faults } = await driven.settled();
  for (const { name, connections, inFlight } of open) {
    if (connections + inFlight === 0) continue;
    faults.push(`${name} still has ${connections} connections, ${inFlight} requests`);
  }
  for (const server of servers) {
    const fault = await rightRequest(server, portOf.get(server.name));
    if (fault) faults.push(`${server.name} does not answer a right request: ${fault}`);
  }
  return faults;
}

function judgeMemory(before, after) {
  return Object.keys(before)
    .filter((kind) => after[kind] > before[kind] * mostGrowth)
    .map((kind) => `${kind} grew from ${before[kind]} to ${after[kind]} bytes`);
}
