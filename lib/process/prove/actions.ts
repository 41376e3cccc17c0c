import { setTimeout as delay } from 'node:timers/promises';
import type { Application } from './application.js';
import { limits } from './limits.js';

export const ACTIONS = ['stop', 'reload', 'restart'] as const;

export type Action = (typeof ACTIONS)[number];

/** What a wait for the end of a reload came to. */
type ReloadEnd = 'over' | 'exited' | 'late';

/**
 * Watches a reload until it is over, as far as that can be seen from outside: for `observeMs` no
 * process has come or gone, and there are no more than before, so that none of an old generation is
 * still at work beside the new one. An application that reloads within its processes is watched for
 * `observeMs`.
 *
 * @param before The processes before the signal
 */
export async function reloadIsOver(
  application: Application,
  before: ReadonlySet<number>,
  { observeMs, timeoutMs }: { readonly observeMs: number; readonly timeoutMs: number },
): Promise<ReloadEnd> {
  const until = performance.now() + timeoutMs;
  let last = before;
  let changedAt = performance.now();
  for (;;) {
    await delay(Math.min(limits.watchMs, observeMs));
    const now = await application.processes();
    if (!isSame(now, last)) changedAt = performance.now();
    last = now;
    const isQuiet = performance.now() - changedAt >= observeMs;
    if (!application.isRunning && isQuiet) return 'exited';
    if (isQuiet && now.size <= before.size) return 'over';
    if (performance.now() >= until) return 'late';
  }
}

function isSame(one: ReadonlySet<number>, other: ReadonlySet<number>): boolean {
  return one.size === other.size && [...one].every((pid) => other.has(pid));
}
