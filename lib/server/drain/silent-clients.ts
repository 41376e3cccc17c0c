// Not the global ones, which tests with fake timers replace.
import { clearInterval, setImmediate, setInterval } from 'node:timers';
import type { Connection } from '../transport/connection/connection.js';

/** How often connections that never sent a byte are looked at. */
const lookMs = 100;

/**
 * How long after its handshake a connection may take to send its first byte: a client that has just
 * been accepted, from the queue of a closing listener perhaps, is about to ask.
 */
const firstByteMs = 1000;

/** Tells, while a transport drains, of those who had long enough to ask for something and have not. */
export class SilentClients {
  private readonly timer: NodeJS.Timeout;
  /** Runs slower than the clock of the process where the event loop is held up. */
  private now = performance.now();

  constructor(
    private readonly connections: ReadonlySet<Connection>,
    private readonly end: (connection: Connection) => void,
  ) {
    // What has come while the loop stood still is read before they are looked at.
    this.timer = setInterval(() => setImmediate(() => this.look()), lookMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    // However late the look is: a process that was held up has not waited for them, they have for it.
    this.now += lookMs;
    const latest = this.now - firstByteMs;
    for (const connection of this.connections) {
      const { kind, socket, openedAt, hasAsked, hadStreams } = connection;
      // Nobody was told of its end, for its handler has removed the listener.
      if (socket.closed) connection.gone();
      if (hasAsked || openedAt > latest) continue;
      const asksNothing = kind === 'http1' ? connection.isSilent : kind === 'http2' && !hadStreams;
      if (asksNothing) this.end(connection);
    }
  }
}
