/** What a terminal and a service manager send to every process of a group. */
const held = new Set<string | symbol>(['SIGTERM', 'SIGINT', 'SIGHUP']);

export interface HeldSignals {
  /** Sends one to this process, with the effect that it has without us. */
  raise(signal: 'SIGTERM'): void;
}

/**
 * Keeps signals from the application until it is told to leave: a Ctrl-C, or `systemctl stop`, is sent
 * to the workers as well as to their supervisor, and the application's own hooks would close what its
 * open requests need. SIGHUP means an upgrade to the supervisor, and nothing to a worker.
 *
 * Node calls `process.emit` for a signal; there is no documented way to come before all listeners, or to
 * keep one from them (read in 20 to 26, where signal handles are bound to what `process.emit` is when
 * the first listener is added).
 */
export function holdSignals(tell: (signal: NodeJS.Signals) => void): HeldSignals {
  const emit = process.emit.bind(process) as (
    event: string | symbol,
    ...args: unknown[]
  ) => boolean;
  const ignore = (): void => undefined;
  let isHeld = true;
  process.emit = ((event: string | symbol, ...args: unknown[]) => {
    const isOurs = held.has(event) && (isHeld || event === 'SIGHUP');
    if (!isOurs) return emit(event, ...args);
    if (event !== 'SIGHUP') tell(event as NodeJS.Signals);
    return true;
  }) as typeof process.emit;
  // With a listener the default action, the end of the process, is off.
  for (const signal of held) process.on(signal as NodeJS.Signals, ignore);
  return {
    raise(signal) {
      isHeld = false;
      process.off('SIGTERM', ignore).off('SIGINT', ignore);
      process.kill(process.pid, signal);
    },
  };
}
