import { isThenable } from '../handler/thenable.js';

/**
 * Calls of code that is not the library's (loggers, subscribers), in the order in which happened what
 * they tell. They come when the code that has caused them is through with its turn: what they call
 * in turn finds no half-made state, and what comes of that is told after what all have heard before.
 */
const waiting: (() => void)[] = [];

/** @param call Must not throw, see {@link guarded} */
export function deliver(call: () => void): void {
  if (waiting.push(call) === 1) queueMicrotask(deliverAll);
}

function deliverAll(): void {
  // One that delivers something itself makes the list longer.
  for (let at = 0; at < waiting.length; at += 1) waiting[at]?.();
  waiting.length = 0;
}

/**
 * Calls what may throw, or return a promise that rejects: both are told, and neither goes further.
 *
 * @param onFailure Must not throw, whatever it is given
 */
export function guarded(call: () => unknown, onFailure: (error: unknown) => void): void {
  try {
    const answer = call();
    // Adopted, for a thenable may call back twice, or fail by itself.
    if (isThenable(answer)) Promise.resolve(answer).then(undefined, onFailure);
  } catch (error) {
    onFailure(error);
  }
}
