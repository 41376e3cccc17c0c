// Not the global ones, which tests with fake timers replace.
import { nextTick } from 'node:process';
import { setImmediate } from 'node:timers';

/**
 * So many transitions begin in the turn of the event loop in which they are asked for. A pool of thousands
 * would keep the loop from its requests for as long as it takes to start, stop or change all of them.
 */
const mostAtOnce = 16;

/** How long those that wait go on to begin in one turn. */
const shareMs = 2;

/** So many begin before it is looked how long it took. */
const betweenLooks = 4;

const waiting: (() => void)[] = [];

/** In this turn. */
let begun = 0;

let isScheduled = false;

/** Begins some work at once, or in its order in a later turn, when enough has begun in this one. */
export function beginInTurn(begin: () => void): void {
  schedule();
  if (begun >= mostAtOnce || waiting.length > 0) return void waiting.push(begin);
  begun += 1;
  begin();
}

/** Resolves when it is the turn of some work. */
export function turnShare(): Promise<void> {
  return new Promise((resolve) => beginInTurn(resolve));
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(nextTurn);
}

function nextTurn(): void {
  isScheduled = false;
  begun = 0;
  if (waiting.length > 0) beginNext(performance.now() + shareMs);
}

function beginNext(latest: number): void {
  if (waiting.length === 0) return;
  schedule();
  for (const begin of waiting.splice(0, betweenLooks)) {
    begun += 1;
    begin();
  }
  // What comes of it in this turn are microtasks: they are done when the next tick comes.
  void Promise.resolve().then(() => {
    nextTick(() => {
      if (performance.now() < latest) beginNext(latest);
    });
  });
}
