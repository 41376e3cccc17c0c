import { setTimeout as wait } from 'node:timers/promises';
import type { Listener } from '../listener/listener.js';
import type { Transport } from '../transport/transport.js';
import { workerHost } from '../listener/worker-host.js';
import { addCuts, type CutCounts, type CutObserver } from './cut.js';
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
  readonly cut: CutCounts;
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
export async function drain(
  host: DrainHost,
  { delayMs, graceMs, grace, quietMs: longestQuietMs, paceMs }: DrainOptions,
): Promise<DrainOutcome> {
  const began = performance.now();
  const { transports } = host;
  const drains = transports.map((transport) => TransportDrain.of(transport));
  const finishedBefore = sum(drains.map(({ finished }) => finished));
  // When it failed, whoever asked for the move has been told.
  await host.leaving?.catch(() => undefined);
  const servesOn = host.listener === undefined || workerHost()?.servesOn === true;
  if (!servesOn) await delay(delayMs, grace.delaySignal);
  grace.endWithin(graceMs);
  const failure = await stopListener(host.listener, grace.signal);
  const stopLooking = closePushClients(
    () => transports.flatMap(({ connections }) => [...connections]),
    Math.min(paceMs, graceMs),
  );
  // Their address serves on: who is idle may ask at any time, and leaves with the answer.
  if (servesOn) {
    void moveToOthers(transports, host.listener);
    await retireWithin(drains, grace.signal);
  }
  const quietMs = Math.min(longestQuietMs, graceMs / 10);
  const cut = addCuts(
    await Promise.all(drains.map((each) => each.finish(grace.signal, quietMs, host))),
  );
  stopLooking();
  host.events?.drained?.(performance.now() - began);
  return {
    finished: sum(drains.map(({ finished }) => finished)) - finishedBefore,
    cut,
    timedOut: sum(Object.values(cut)) > 0,
    failure,
  };
}

/** Returns what failed, which must not keep the connections from being drained. */
async function stopListener(
  listener: Listener | undefined,
  hurry: AbortSignal,
): Promise<Error | undefined> {
  try {
    await listener?.stop(hurry);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

async function delay(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
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
  listener: Listener | undefined,
): Promise<void> {
  const others = workerHost();
  if (listener === undefined || others?.moveConnection === undefined) return;
  const { canonical } = listener.bind;
  await moveIdle(transports, (handle, facts) => others.moveConnection!(canonical, handle, facts));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
