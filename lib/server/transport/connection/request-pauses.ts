import type { ServerResponse } from 'node:http';
// Not the global ones, which tests with fake timers replace.
import { setTimeout } from 'node:timers';

/** How a client has paused between its requests so far, and since when it asks for nothing. */
export interface RequestPauses {
  /** In ms; undefined while something is asked or answered. */
  readonly restsSince: number | undefined;
  /** The longest time between an answer and the next request. */
  readonly longestPauseMs: number;
}

/**
 * Whether a client has been at rest for so long, and for twice as long as it has ever paused: one that has
 * paused for longer before may be about to ask again.
 */
export function isQuiet(
  { restsSince, longestPauseMs }: RequestPauses,
  now: number,
  ms: number,
): boolean {
  return restsSince !== undefined && now - restsSince >= Math.max(ms, 2 * longestPauseMs);
}

/** An HTTP/1 connection, as far as its client pauses. */
export abstract class PausingConnection implements RequestPauses {
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
    if (current) listenTo(current, () => noteActive(this));
    else this.seenAtRest = now;
  }
}

/**
 * So long after a request it is looked whether the connection is at rest: by so much a rest may seem shorter
 * than it is. To read a clock with each request, and to listen for the end of each answer, would be felt.
 */
const lookAfterMs = 25;

let noted: PausingConnection[] = [];

function listenTo(answer: ServerResponse, closed: () => void): void {
  try {
    answer.once('close', closed);
  } catch {
    // It was frozen by its handler: with its next request the connection is looked at again.
  }
}

/** One timer for the process, and none while nobody asks. */
function noteActive(active: PausingConnection): void {
  if (noted.push(active) === 1) setTimeout(look, lookAfterMs).unref();
}

function look(): void {
  const seen = noted;
  noted = [];
  const now = Math.floor(performance.now());
  for (const active of seen) active.lookAt(now);
}
