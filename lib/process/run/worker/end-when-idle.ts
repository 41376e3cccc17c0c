/** So long the supervisor may take to answer one who waits for nothing else. */
const answerMs = 1_000;

/** A second end within this time came of nothing but the end of our wait. */
const atOnceMs = 100;

/**
 * Lets a process end that has nothing left to do, as it would on its own: one whose start failed, and
 * that says so by its exit code. The channel of a cluster's worker would keep it. But a socket that it
 * has asked for may be all that it waits for, so it is given the time for an answer.
 */
export function endWhenIdle(): void {
  process.channel?.unref();
  let waitedUntil = -Infinity;
  process.on('beforeExit', () => {
    if (performance.now() - waitedUntil < atOnceMs) return;
    setTimeout(() => (waitedUntil = performance.now()), answerMs);
  });
}
