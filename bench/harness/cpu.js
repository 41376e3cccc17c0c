/** The CPU time of this process, in microseconds: what a machine shared with others distorts least. */
export function cpuSince(begin) {
  const { user, system } = process.cpuUsage(begin);
  return user + system;
}

/** The CPU time that a piece of work takes, in microseconds. */
export async function cpuOf(work) {
  const begin = process.cpuUsage();
  await work();
  return cpuSince(begin);
}

/**
 * Starts to measure how long this process is held up; the returned function tells, in milliseconds. It is the
 * lesser of two times that are both too long: what has elapsed has in it what others had of the core, and
 * the CPU time has that of V8's other threads.
 */
export function startHeld() {
  const began = performance.now();
  const begin = process.cpuUsage();
  return () => Math.min(performance.now() - began, cpuSince(begin) / 1000);
}

/**
 * Commands by which another process takes the time of this one. Without a forced collection before:
 * with no request under way it frees what the compiled code depends on, and the code has to be made
 * anew, which costs more than all the requests.
 */
export const cpuClock = { begin: () => process.cpuUsage(), end: cpuSince };
