// Not the global one, which tests with fake timers replace.
import { setImmediate } from 'node:timers';
import { isThenable, whenRejected } from '../handler/thenable.js';

/** So many calls are made in one turn of the event loop, however long they take. */
const mostAtOnce = 64;

/** How long more of them are made in that turn: a change of a thousand servers writes a thousand lines. */
const shareMs = 1;

/**
 * Calls of code that is not the library's (loggers, subscribers), in the order in which happened what
 * they tell. They come when the code that has caused them is through with its turn: what they call
 * in turn finds no half-made state, and what comes of that is told after what all have heard before.
 */
let waiting: (() => void)[] = [];

/** @param call Must not throw, see {@link guarded} */
export function deliver(call: () => void): void {
  if (waiting.push(call) === 1) queueMicrotask(deliverAll);
}

/** Resolves when all is told that has happened so far. */
export function delivered(): Promise<void> {
  return new Promise(deliver);
}

function deliverAll(): void {
  const latest = performance.now() + shareMs;
  // One that delivers something itself makes the list longer.
  for (let at = 0; at < waiting.length; at += 1) {
    if (at >= mostAtOnce && performance.now() >= latest) {
      waiting = waiting.slice(at);
      return void setImmediate(deliverAll);
    }
    waiting[at]?.();
  }
  waiting = [];
}

/**
 * Calls what may throw, or return a promise that rejects: both are told, and neither goes further.
 *
 * @param onFailure Must not throw, whatever it is given
 */
export function guarded(call: () => unknown, onFailure: (error: unknown) => void): void {
  try {
    const answer = call();
    if (isThenable(answer)) whenRejected(answer, onFailure);
  } catch (error) {
    onFailure(error);
  }
}
