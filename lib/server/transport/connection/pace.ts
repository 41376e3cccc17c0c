import type { ServerResponse } from 'node:http';
import { noteActive, type Active } from './activity.js';

/** How a client has paced its requests so far, and since when it asks for nothing. */
export interface Pace {
  /** In ms; undefined while something is asked or answered. */
  readonly restsSince: number | undefined;
  /** The longest time between an answer and the next request. */
  readonly longestPauseMs: number;
}

/**
 * Whether a client has been at rest for so long, and for twice as long as it has ever paused: one that has
 * paused for longer before may be about to ask again.
 */
export function isQuiet({ restsSince, longestPauseMs }: Pace, now: number, ms: number): boolean {
  return restsSince !== undefined && now - restsSince >= Math.max(ms, 2 * longestPauseMs);
}

/** The pace of the client of an HTTP/1 connection. */
export abstract class PacedConnection implements Active, Pace {
  /** Whole ms; 0 while it is active, and before its first request. */
  private seenAtRest = 0;
  private longestMs = 0;

  /** The answer that is being sent, or is to be sent next. */
  abstract get current(): ServerResponse | undefined;

  get restsSince(): number | undefined {
    return this.seenAtRest === 0 ? undefined : this.seenAtRest;
  }

  get longestPauseMs(): number {
    return this.longestMs;
  }

  /** A request begins on a connection that was at rest, or that has never had one. */
  protected wake(): void {
    if (this.seenAtRest !== 0) {
      const pauseMs = Math.floor(performance.now()) - this.seenAtRest;
      this.longestMs = Math.max(this.longestMs, pauseMs);
      this.seenAtRest = 0;
    }
    noteActive(this);
  }

  lookAt(now: number): void {
    const { current } = this;
    // An answer that takes its time is not looked at again and again.
    if (current) current.once('close', () => noteActive(this));
    else this.seenAtRest = now;
  }
}
