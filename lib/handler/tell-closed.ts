import type { ServerResponse } from 'node:http';

/**
 * Tells of the end of an answer that may be frozen: of such a one no listener can be taken off, and Node, which takes
 * those off that listen once, would throw in the middle of it.
 */
export function tellClosed(answer: ServerResponse): void {
  if (!Object.isFrozen(answer)) return void answer.emit('close');
  for (const listener of answer.listeners('close')) {
    try {
      Reflect.apply(listener, answer, []);
    } catch {
      // Whatever it wanted to set of the answer, nobody would catch it.
    }
  }
}
