// Not the global ones, which tests with fake timers replace.
import { setTimeout } from 'node:timers';

/** What is looked at some time after it was noted: whether it is at rest again. */
export interface Active {
  lookAt(now: number): void;
}

/**
 * So long after a request it is looked whether the connection is at rest: by so much a rest may seem shorter
 * than it is. To read a clock with each request, and to listen for the end of each answer, would be felt.
 */
const lookAfterMs = 25;

let noted: Active[] = [];

/** One timer for the process, and none while nobody asks. */
export function noteActive(active: Active): void {
  if (noted.push(active) === 1) setTimeout(look, lookAfterMs).unref();
}

function look(): void {
  const seen = noted;
  noted = [];
  const now = Math.floor(performance.now());
  for (const active of seen) active.lookAt(now);
}
