import type { Socket } from 'node:net';
import { pauseAccepted } from './node-accept.js';

/** Whom accepted sockets go to. */
export interface SocketTaker {
  accept(socket: Socket): void;
}

/**
 * The connections that wait in the queue of a listener that stops. Closing it resets every one of
 * them, though their clients have long been told that they are connected. So it accepts until the
 * queue is empty, see {@link closeOnceEmpty}.
 *
 * Those accepted meanwhile are served after it: a crowd of clients who are answered, and told to
 * connect again, would never leave the queue empty.
 */
export class AcceptQueue {
  private count = 0;
  private held: Socket[] | undefined = [];

  /**
   * @param server Reads nothing meanwhile: a socket whose bytes, or whose end, were read before there is a TLS
   *   socket on it would wait for its handshake for ever
   */
  constructor(private readonly server: object) {
    pauseAccepted(server, true);
  }

  /** How many came since the listener began to stop. */
  get accepted(): number {
    return this.count;
  }

  /** False when it is not to be held: then it is served at once. */
  hold(socket: Socket): boolean {
    this.count += 1;
    this.held?.push(socket);
    return this.held !== undefined;
  }

  /** Serves those that were held; none is held from here on. */
  release(listener: { readonly owner: SocketTaker }): void {
    const { held } = this;
    if (held === undefined) return;
    this.held = undefined;
    pauseAccepted(this.server, false);
    for (const socket of held) {
      listener.owner.accept(socket);
      socket.resume();
    }
  }
}
