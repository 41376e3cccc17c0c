import { setImmediate } from 'node:timers';
import type { AcceptQueue } from './accept-queue.js';

/** Turns of the event loop without a new connection after which an accept queue is empty. */
const quietTurns = 3;

/**
 * A turn that took longer does not count: while the process worked, or had to leave the processor to
 * others, connections may have come that it has not looked for yet.
 */
const longestQuietTurnMs = 1;

/** How long listeners are closed before the loop looks for connections to the others again. */
const sliceMs = 0.5;

/**
 * So long at most a closing listener lets those wait whom it accepts, and takes a turn that was long
 * for a reason to look again: where there is no end of it, it goes on without.
 */
const longestHoldMs = 100;

/**
 * The longest queue (Node listens with a backlog of 511, and the system adds one). A turn of the
 * loop accepts one connection, so after so many every client is served that waited at first; those
 * who never cease to connect must not keep a listener open.
 */
const longestQueue = 512;

/** A listener that closes once its accept queue is empty. */
export interface ClosingListener {
  readonly queue: AcceptQueue;
  /** Whether it is to close at once, or not at all. */
  isOver(now: number): boolean;
  /** Those that wait are to wait no longer, though the queue is not empty yet. */
  release(): void;
  close(): void;
}

/**
 * Closes a listener when its queue is empty, or it is over otherwise. One loop looks at all that close in
 * the process: hundreds of loops, each with its own short turns, would make every turn a long one.
 */
export function closeOnceEmpty(listener: ClosingListener): void {
  const now = performance.now();
  if (listener.isOver(now)) return listener.close();
  if (!isLooking) {
    isLooking = true;
    turnBegan = now;
    setImmediate(lookAtAll);
  }
  closing.push(new Look(listener, now));
}

/** Those of the next turn: hundreds of them are gone through several times. */
let closing: Look[] = [];

let isLooking = false;

let turnBegan = 0;

function lookAtAll(): void {
  const now = performance.now();
  const wasBusy = now - turnBegan > longestQuietTurnMs;
  const all = closing;
  let at = 0;
  closing = [];
  try {
    while (at < all.length) {
      const look = all[at] as Look;
      at += 1;
      if (!look.isLast(now, wasBusy)) {
        closing.push(look);
        continue;
      }
      look.listener.close();
      // Of the others a connection may have come meanwhile, which the next turn accepts.
      if (performance.now() - now > sliceMs) break;
    }
  } finally {
    // Whatever one of them throws, the others are not to wait for ever.
    for (; at < all.length; at += 1) closing.push(all[at] as Look);
    turnBegan = performance.now();
    isLooking = closing.length > 0;
    if (isLooking) setImmediate(lookAtAll);
  }
}

/** What was seen of the queue of a closing listener. */
class Look {
  private readonly latest: number;
  private readonly before: number;
  private seen: number;
  private quiet = 0;

  constructor(
    readonly listener: ClosingListener,
    now: number,
  ) {
    this.latest = now + longestHoldMs;
    this.before = this.seen = listener.queue.accepted;
  }

  /** Looks after a turn of the loop; whether the listener closes now. */
  isLast(now: number, wasBusy: boolean): boolean {
    const { accepted } = this.listener.queue;
    if (this.listener.isOver(now) || accepted - this.before >= longestQueue) return true;
    const isLate = now >= this.latest;
    if (isLate) this.listener.release();
    const isQuiet = accepted === this.seen && (!wasBusy || isLate);
    this.quiet = isQuiet ? this.quiet + 1 : 0;
    this.seen = accepted;
    return this.quiet >= quietTurns;
  }
}
