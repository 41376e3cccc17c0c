import { warnOfNode } from '../../../errors/warn-once.js';

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
 * keep one from them (read in `internal/process/signal.js` of Node 20.20, 22.23, 24.21 and 26.12, where a
 * signal is bound to what `process.emit` is when its first listener is added). A Node that calls listeners by another way is
 * told of once, at its first signal; `test/process/internals.e2e-spec.ts` fails by name on it.
 */
export function holdSignals(tell: (signal: NodeJS.Signals) => void): HeldSignals {
  const emit = process.emit.bind(process) as (
    event: string | symbol,
    ...args: unknown[]
  ) => boolean;
  const passed = (): void =>
    warnOfNode(
      'tells listeners of signals otherwise than by process.emit, where nestjs-http-pool holds them back: a Ctrl-C, and ' +
        'what a service manager sends to all processes, ends a worker while it has requests',
    );

  let isHeld = true;
  process.emit = ((event: string | symbol, ...args: unknown[]) => {
    const isOurs = held.has(event) && (isHeld || event === 'SIGHUP');
    if (!isOurs) return emit(event, ...args);
    if (event !== 'SIGHUP') tell(event as NodeJS.Signals);
    return true;
  }) as typeof process.emit;
  // With a listener the default action, the end of the process, is off. It is called only where it is not held back.
  for (const signal of held) process.on(signal as NodeJS.Signals, passed);
  return {
    raise(signal) {
      isHeld = false;
      process.off('SIGTERM', passed).off('SIGINT', passed);
      process.kill(process.pid, signal);
    },
  };
}
