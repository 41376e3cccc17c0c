import { describeValue } from '../redact.js';

/** What a message asks for where {@link isSignal} says no. */
export const A_SIGNAL = 'an AbortSignal';

/** One of another realm, or of a library, is as good; what can't be asked is none. */
export function isSignal(value: unknown): value is AbortSignal {
  try {
    const { aborted, addEventListener } = (value ?? {}) as Partial<AbortSignal>;
    return typeof aborted === 'boolean' && typeof addEventListener === 'function';
  } catch {
    return false;
  }
}

/** What to say of a value that {@link isSignal} does not take. */
export function notASignal(value: unknown): string {
  return `got ${describeValue(value)}, give ${A_SIGNAL}`;
}

/** A signal that aborts with any of these. `AbortSignal.any` alone refuses, or never hears, what is not Node's own. */
export function anySignal(signals: readonly AbortSignal[]): AbortSignal {
  return AbortSignal.any(signals.map(nodeSignalOf));
}

function nodeSignalOf(signal: AbortSignal): AbortSignal {
  const value: unknown = signal;
  if (value instanceof AbortSignal) return value;
  const following = new AbortController();
  const abort = (): void => following.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return following.signal;
}
