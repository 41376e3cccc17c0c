// Not the global ones, which tests with fake timers replace.
import { nextTick } from 'node:process';
import { setImmediate } from 'node:timers';
import { setImmediate as turn } from 'node:timers/promises';
import type { Steps } from '../../config/steps.js';

/**
 * So many transitions begin in the turn of the event loop in which they are asked for. A pool of thousands
 * would keep the loop from its requests for as long as it takes to start, stop or change all of them.
 */
const mostAtOnce = 16;

/** How long those that wait go on to begin in one turn. */
const shareMs = 1;

/** So many begin before it is looked how long it took. */
const betweenLooks = 4;

/** Those that wait behind {@link next}. */
let waiting: (() => void)[] = [];

/** The next ones, the first of them at the end: from the begin of a list of thousands it is dear to take one. */
let next: (() => void)[] = [];

/** In this turn. */
let begun = 0;

let isScheduled = false;

/** Begins some work at once, or in its order in a later turn, when enough has begun in this one. */
export function beginInTurn(begin: () => void): void {
  schedule();
  if (begun >= mostAtOnce || areWaiting()) return void waiting.push(begin);
  begun += 1;
  begin();
}

/** Resolves when it is the turn of some work. */
export function turnShare(): Promise<void> {
  return new Promise((resolve) => beginInTurn(resolve));
}

/**
 * Does all steps of some work, and lets the loop turn whenever they have taken their share. A few are done
 * at once, however long they take, so that their order with what is called next does not depend on the
 * machine.
 */
export async function inShares<T>(steps: Steps<T>): Promise<T> {
  let latest = performance.now() + shareMs;
  for (let taken = 1; ; taken += 1) {
    const { done, value } = steps.next();
    if (done) return value;
    if (taken <= mostAtOnce || performance.now() < latest) continue;
    await turn();
    latest = performance.now() + shareMs;
  }
}

function areWaiting(): boolean {
  return next.length > 0 || waiting.length > 0;
}

function takeNext(): (() => void) | undefined {
  if (next.length === 0) {
    next = waiting.reverse();
    waiting = [];
  }
  return next.pop();
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(nextTurn);
}

function nextTurn(): void {
  isScheduled = false;
  begun = 0;
  beginNext(performance.now() + shareMs);
}

function beginNext(latest: number): void {
  if (!areWaiting()) return;
  schedule();
  // One by one: should one throw, the others keep their places.
  for (let left = betweenLooks; left > 0 && areWaiting(); left -= 1) {
    begun += 1;
    takeNext()?.();
  }
  // What comes of it in this turn are microtasks: they are done when the next tick comes.
  void Promise.resolve().then(() => {
    nextTick(() => {
      if (performance.now() < latest) beginNext(latest);
    });
  });
}
