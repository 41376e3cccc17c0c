import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { unsentBytes } from '../node/node-http2.js';

/** A PING, or its answer, on the wire: the head of a frame and eight bytes. */
const pingBytes = 17;

/** The answer to SETTINGS. */
const settingsAnswerBytes = 9;

/** What the answer of a client that is far away may take beyond the limit. */
const longestWayMs = 1000;

/** When a session is asked for a sign of life. */
export interface LivenessLimits {
  /** How long a frame, or the frames of one header block, may take; 0 is no limit. */
  readonly frameMs: number;
  /** How often at most a PING is sent on a connection on which something comes. */
  readonly everyMs: number;
  /** How long nothing may come on a connection with an open stream before a PING is sent. */
  readonly silenceMs: number;
}

/** PINGs under way. */
interface Asked {
  /** Since when an answer has been due. */
  at: number;
  /** How many are not answered. */
  open: number;
  /** An answer has come since the last one was sent. */
  isAnswering: boolean;
  /** What had been written when the last one was sent. */
  written: number;
  /** What had been read when the first one was sent, and their answers since. */
  read: number;
}

/**
 * Whether a session is alive, by PING: Node tells nothing of half a frame, or of half a header block,
 * but between these a client can't answer. So one that answers in time has ended what it began.
 *
 * It finds a session, too, that has sent a GOAWAY for an error, and which Node 20 neither closes nor
 * reads from while it has a stream: such a one does not even send the PING. That may come about while
 * an answer is due, so until one comes PINGs go on being sent; and then only when nothing has come for some
 * time: a client whose answers take longer than from one PING to the next would be sent them for ever.
 */
export class Liveness {
  private asked: Asked | undefined;
  private lastAskedAt = performance.now();
  private heardAt = this.lastAskedAt;
  private lastRead = 0;
  /** What had been read when all of it was known to be whole frames. */
  private whole = 0;

  constructor(
    private readonly session: ServerHttp2Session,
    private readonly socket: Socket,
  ) {}

  /**
   * Looks, and asks where there is something to ask.
   *
   * @param session.isOpen It has open streams
   * @param session.isSending One of them has a body that is still to come, and may be in the way
   * @returns false when the session is dead, or its client too slow
   */
  look(
    now: number,
    limits: LivenessLimits,
    session: { readonly isOpen: boolean; isSending(): boolean },
  ): boolean {
    const { bytesRead } = this.socket;
    const isHeard = bytesRead !== this.lastRead;
    if (isHeard) this.heardAt = now;
    this.lastRead = bytesRead;
    const { asked } = this;
    const isDue = now - this.lastAskedAt >= limits.everyMs;
    if (asked) {
      if (this.isStuck(asked)) return false;
      if (isHeard && session.isSending()) asked.at = now;
      // Answers come as far apart as the PINGs were sent.
      const isAnswering = asked.isAnswering && now - this.heardAt <= 2 * limits.everyMs;
      if (isDue && !isAnswering) this.ask(now);
      const frameMs = limits.frameMs || limits.silenceMs;
      return now - asked.at <= frameMs + Math.min(frameMs, longestWayMs);
    }
    const isNew = bytesRead !== this.whole && isDue;
    const isSilent = session.isOpen && now - this.heardAt > limits.silenceMs;
    if (isNew || isSilent) this.ask(now);
    return true;
  }

  private ask(now: number): void {
    const { bytesRead, bytesWritten } = this.socket;
    const asked = this.asked ?? newlyAsked(now, bytesRead);
    this.lastAskedAt = now;
    if (!this.send(asked, (bytes) => this.answered(asked, bytes))) return;
    asked.open += 1;
    asked.isAnswering = false;
    asked.written = bytesWritten;
    this.asked = asked;
  }

  /**
   * Node sends no PING where one side has sent a GOAWAY. SETTINGS that change nothing are answered as well; not more than
   * one at a time, for Node takes ten without an answer for an attack.
   */
  private send({ open }: Asked, answered: (bytes: number) => void): boolean {
    const { session } = this;
    if (!session.closed) return session.ping((error) => error || answered(pingBytes));
    if (open > 0) return false;
    session.settings({}, (error) => error || answered(settingsAnswerBytes));
    return true;
  }

  private answered(asked: Asked, bytes: number): void {
    asked.at = performance.now();
    asked.read += bytes;
    asked.open -= 1;
    asked.isAnswering = true;
    if (asked.open > 0) return;
    this.asked = undefined;
    const { bytesRead } = this.socket;
    // More than the answers has come: what it is is asked for the next time.
    if (bytesRead === asked.read) this.whole = bytesRead;
  }

  /** The last PING was not even sent, and no bytes before it wait for the client to read. */
  private isStuck({ written }: Asked): boolean {
    return this.socket.bytesWritten === written && unsentBytes(this.socket) === 0;
  }
}

function newlyAsked(at: number, read: number): Asked {
  return { at, open: 0, isAnswering: false, written: 0, read };
}
