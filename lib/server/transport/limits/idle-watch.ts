import type { Socket } from 'node:net';
import type { TimeoutSettings } from '../../../config/options/timeouts.js';
import type { Connection } from '../connection/connection.js';
import { lingeringClose } from '../connection/linger.js';
import { destroySocket } from '../connection/own-methods.js';
import { answerOn, socketsBetweenRequests } from '../node/node-http1.js';

/** How often connections are looked at: as long as the timeout is, within this range in ms. */
const intervalRangeMs = [500, 30_000] as const;

/** Node before 22.19 and 24.6 promises a second at the least. */
const shortestMs = 1_000;

/** Whose connections they are. */
interface IdleTransport {
  readonly inner: object | undefined;
  readonly connections: ReadonlySet<Connection>;
  /** How many sockets are open, those in their TLS handshake included. */
  readonly openSockets: number;
}

/**
 * Ends connections of HTTP/1 that are kept from their idle timeout: Node counts it from the last byte, also of
 * those that begin no request (empty lines), so a client could keep a connection for ever by one of them now and
 * then. Nothing is noted when bytes come; all is told from since when a connection is at rest, by one timer for
 * a server that is there only while there is a connection.
 */
export class IdleWatch {
  private timer: NodeJS.Timeout | undefined;
  private formerMs = 0;
  private changedAt = 0;

  constructor(
    private readonly transport: IdleTransport,
    private idleMs: number,
  ) {}

  /** A connection has come. */
  begin(): void {
    if (this.timer === undefined && this.idleMs > 0) this.start();
  }

  reconfigure({ idleMs }: TimeoutSettings): void {
    if (idleMs === this.idleMs) return;
    // Who is at rest was promised what held before.
    const now = performance.now();
    this.formerMs = this.limitMs(now);
    this.changedAt = now;
    this.idleMs = idleMs;
    this.stop();
    if (this.transport.openSockets > 0) this.begin();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private start(): void {
    const [least, most] = intervalRangeMs;
    const everyMs = Math.min(most, Math.max(least, this.idleMs));
    this.timer = setInterval(() => this.look(), everyMs).unref();
  }

  private limitMs(now: number): number {
    const isFormer = now < this.changedAt + this.formerMs;
    return isFormer ? Math.max(this.formerMs, this.idleMs) : this.idleMs;
  }

  private look(): void {
    const { connections, inner, openSockets } = this.transport;
    if (openSockets === 0) return this.stop();
    const now = performance.now();
    const latest = now - Math.max(shortestMs, this.limitMs(now));
    const late = new Set<Socket>();
    for (const connection of connections) {
      endIfLeft(connection);
      if (this.isLate(connection, latest)) late.add(connection.socket);
    }
    if (late.size === 0 || inner === undefined) return;
    // Half a head is not idle, and has a timeout of its own.
    for (const socket of socketsBetweenRequests(inner) ?? []) {
      if (late.has(socket)) destroySocket(socket);
    }
  }

  /**
   * The rest of a client that ends its connection with its next request is not ended by that, and a handler may have
   * taken its answer off the socket, to write to it itself: Node has it wait for a request while it has the timeout
   * for that, which a connection has not whose rest began when there was none.
   */
  private isLate(connection: Connection, latest: number): boolean {
    const { kind, restsSince, socket } = connection;
    if (kind !== 'http1' || restsSince === undefined || restsSince >= latest) return false;
    return connection.inFlight === 0 && (Boolean(socket.timeout) || restsSince < this.changedAt);
  }
}

/** Node ends who has ended its side, when all is answered, by listeners that a handler may have taken off. */
function endIfLeft(connection: Connection): void {
  const { kind, socket } = connection;
  if (socket.destroyed) return connection.awaitEnd();
  if (!socket.readableEnded || kind !== 'http1') return;
  if (connection.inFlight === 0 || isStuck(socket)) lingeringClose(socket);
}

/** The answer that is sent is not taken off the socket: those behind it never come to their turn. */
function isStuck(socket: Socket): boolean {
  try {
    return answerOn(socket)?.writableFinished === true;
  } catch {
    return false;
  }
}
