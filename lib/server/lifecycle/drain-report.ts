import { addCuts } from '../drain/cut.js';
import type { DrainOutcome } from '../drain/drain.js';
import type { DrainReport } from '../server-state.js';

const nothingToDrain: DrainOutcome = { finished: 0, cut: addCuts([]), timedOut: false };

/** @param outcome undefined: there was nothing to drain */
export function drainReport(
  server: string,
  durationMs: number,
  { finished, cut, timedOut }: DrainOutcome = nothingToDrain,
): DrainReport {
  return Object.freeze({
    server,
    finished,
    cut,
    timedOut,
    durationMs: Math.round(durationMs),
  });
}
