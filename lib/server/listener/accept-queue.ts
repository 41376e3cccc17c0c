import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Turns of the event loop without a new connection after which the accept queue is empty. */
const quietTurns = 3;

/**
 * A turn that took longer does not count: while the process worked, or had to leave the processor to
 * others, connections may have come that it has not looked for yet.
 */
const longestQuietTurnMs = 1;

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

/**
 * The connections that wait in the queue of a listener that stops. Closing it resets every one of
 * them, though their clients have long been told that they are connected. So it accepts until the
 * queue is empty.
 *
 * Those accepted meanwhile are served after it: a crowd of clients who are answered, and told to
 * connect again, would never leave the queue empty.
 */
export class AcceptQueue {
  private accepted = 0;
  private held: Socket[] | undefined = [];

  /**
   * @param pause Whether sockets are to be read from when they are accepted: one whose bytes, or
   *   whose end, were read before there is a TLS socket on it would wait for its handshake for ever
   */
  constructor(private readonly pause: (isHeld: boolean) => void) {
    pause(true);
  }

  /** False when it is not to be held: then it is served at once. */
  hold(socket: Socket): boolean {
    this.accepted += 1;
    this.held?.push(socket);
    return this.held !== undefined;
  }

  /** Resolves when the queue is empty, or it is over otherwise. */
  async empty(isOver: () => boolean, serve: (socket: Socket) => void): Promise<void> {
    const { accepted: before } = this;
    const latest = performance.now() + longestHoldMs;
    for (let quiet = 0; quiet < quietTurns && !isOver(); quiet += 1) {
      const { accepted } = this;
      if (accepted - before >= longestQueue) return;
      const began = performance.now();
      await nextTurn();
      const now = performance.now();
      const wasBusy = now - began > longestQuietTurnMs && now < latest;
      if (now >= latest) this.release(serve);
      if (wasBusy || this.accepted !== accepted) quiet = -1;
    }
  }

  /** Serves those that were held; none is held from here on. */
  release(serve: (socket: Socket) => void): void {
    const { held = [] } = this;
    this.held = undefined;
    this.pause(false);
    for (const socket of held) {
      serve(socket);
      socket.resume();
    }
  }
}
