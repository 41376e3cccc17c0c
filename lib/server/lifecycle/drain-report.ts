import { nothingCut } from '../drain/cut.js';
import type { DrainOutcome } from '../drain/drain.js';
import type { DrainReport } from '../server-state.js';

/** @param outcome undefined: there was nothing to drain */
export function drainReport(
  server: string,
  { finished, cut, timedOut }: DrainOutcome = { finished: 0, cut: nothingCut, timedOut: false },
  durationMs: number,
): DrainReport {
  return Object.freeze({
    server,
    finished,
    cut,
    timedOut,
    durationMs: Math.round(durationMs),
  });
}
