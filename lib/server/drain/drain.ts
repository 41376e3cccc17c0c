import { setTimeout as wait } from 'node:timers/promises';
import type { Listener } from '../listener/listener.js';
import { workerHost } from '../listener/worker-host.js';
import type { Transport } from '../transport/transport.js';
import { addCuts, isAnyCut, type CutCounts, type CutObserver } from './cut.js';
import type { Grace } from './grace.js';
import { moveIdle } from './move-idle.js';
import { closePushClients } from './push-clients.js';
import { TransportDrain } from './transport-drain.js';
import { unlessAborted } from './unless-aborted.js';

/** How long a stop may take. */
export interface DrainOptions {
  /** Of normal service, before anything ends. */
  readonly delayMs: number;
  /** For what is under way then. */
  readonly graceMs: number;
  /** Ends both, and can be shortened meanwhile. */
  readonly grace: Grace;
  /**
   * For so long a connection must be idle before it is ended, unless the grace is short. It covers
   * clients nearby that ask without a pause; the delay is for those further away.
   */
  readonly quietMs: number;
  /** Over how long those who are pushed to are ended; 0 is at once. */
  readonly paceMs: number;
}

export interface DrainOutcome {
  readonly finished: number;
  readonly cut: Readonly<CutCounts>;
  readonly timedOut: boolean;
  /** What kept the listener from closing entirely: its socket file could not be removed, say. */
  readonly failure?: Error | undefined;
}

/** What a drain brings to an end. */
export interface DrainHost extends CutObserver {
  /** The one in use, and those that were replaced. */
  readonly transports: readonly Transport[];
  /** Asked each time: another endpoint may take it over; undefined from then on. */
  readonly listener: Listener | undefined;
  /** Settles when a listener that was left before is closed. */
  readonly leaving: Promise<void> | undefined;
}

/**
 * A delay of normal service in which every answer closes its connection, then no new connections,
 * then the end of what is idle or pushed to, at last the cut. When another endpoint, or another
 * process, has taken the address over, nothing is delayed, and connections leave first as they do
 * after a swap, for as long as the grace allows.
 */
export async function drain(host: DrainHost, options: DrainOptions): Promise<DrainOutcome> {
  const began = performance.now();
  const drains = host.transports.map(drainOf);
  const finishedBefore = finishedOf(drains);
  // When it failed, whoever asked for the move has been told.
  if (host.leaving) await host.leaving.catch(() => undefined);
  const servesOn = host.listener === undefined || workerHost()?.servesOn === true;
  if (!servesOn && options.delayMs > 0) await delay(options.delayMs, options.grace.delaySignal);
  options.grace.endWithin(options.graceMs);
  // Asked for while it is bound.
  const leaves = servesOn ? host.listener?.bind.canonical : undefined;
  let failure: Error | undefined;
  try {
    await host.listener?.stop(options.grace);
  } catch (error) {
    // It must not keep the connections from being drained.
    failure = error as Error;
  }
  let cut = addCuts([]);
  if (drains.every(isEmpty)) for (const each of drains) each.close();
  else cut = await endConnections(host, drains, { ...options, servesOn, leaves });
  host.events?.drained?.(performance.now() - began);
  const finished = finishedOf(drains) - finishedBefore;
  return { finished, cut, timedOut: isAnyCut(cut), failure };
}

interface EndOptions extends DrainOptions {
  /** Somebody else serves on the address. */
  readonly servesOn: boolean;
  /** The address that its listener leaves to others; undefined: it has none any more. */
  readonly leaves: string | undefined;
}

/** Those who are pushed to first, then the others as they become idle; at last the cut. */
async function endConnections(
  host: DrainHost,
  drains: readonly TransportDrain[],
  { graceMs, grace, quietMs, paceMs, servesOn, leaves }: EndOptions,
): Promise<CutCounts> {
  const { transports } = host;
  const stopLooking = closePushClients(transports, Math.min(paceMs, graceMs));
  try {
    // Their address serves on: who is idle may ask at any time, and leaves with the answer.
    if (servesOn) {
      void moveToOthers(transports, leaves);
      await retireWithin(drains, grace.signal);
    }
    const leastQuietMs = Math.min(quietMs, graceMs / 10);
    const cuts = drains.map((each) => each.finish(grace.signal, leastQuietMs, host));
    return addCuts(await Promise.all(cuts));
  } finally {
    stopLooking();
  }
}

async function delay(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  // An abort means that somebody is in a hurry: the delay is over, and that is all.
  await wait(ms, undefined, { signal }).catch(() => undefined);
}

async function retireWithin(drains: readonly TransportDrain[], end: AbortSignal): Promise<void> {
  const retired = Promise.all(drains.map((each) => each.retire()));
  // The abort is the end of waiting, and no fault.
  await unlessAborted(retired, end).catch(() => undefined);
}

/** Where another process serves on, and takes them. What is still on its way when the grace ends is cut. */
async function moveToOthers(
  transports: readonly Transport[],
  address: string | undefined,
): Promise<void> {
  const others = workerHost();
  if (address === undefined || others?.moveConnection === undefined) return;
  await moveIdle(transports, (handle, facts) => others.moveConnection!(address, handle, facts));
}

function drainOf(transport: Transport): TransportDrain {
  return TransportDrain.of(transport);
}

function isEmpty(drain: TransportDrain): boolean {
  return drain.isEmpty;
}

function finishedOf(drains: readonly TransportDrain[]): number {
  let all = 0;
  for (const { finished } of drains) all += finished;
  return all;
}
