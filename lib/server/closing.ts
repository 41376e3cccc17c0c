import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Connection } from './connection.js';
import { cutConnections, noneCut, type CutCounts } from './cut.js';
import { idleConnections } from './idle-connections.js';
import { lingeringClose } from './linger.js';
import { sayClose } from './say-close.js';
import type { ClosingObserver, Transport } from './transport.js';

/** How often connections that never sent a byte are looked at; the second look ends them. */
const silentSweepMs = 100;

/** The highest stream id: «finish what you began and open nothing new». */
const anyStream = 2 ** 31 - 1;

/**
 * Brings the connections of one transport to an end without losing anything: first every answer
 * says `Connection: close` (and HTTP/2 sessions are told to go away), then idle connections are
 * ended, at last what is left is cut.
 */
export class Closing implements ClosingObserver {
  /** Requests answered whole since the closing began. */
  finished = 0;
  private endsIdle = false;
  private sweepIsDue = false;
  private readonly silent = new WeakSet<Connection>();
  private resolveEmptied: () => void = () => undefined;

  private constructor(private readonly transport: Transport) {
    for (const connection of transport.connections) {
      for (const response of connection.owed()) this.closeAfter(connection, response);
      for (const stream of connection.streams) this.stream(stream);
      if (connection.session) goAway(connection.session);
    }
  }

  /** Begins to close a transport, or joins the closing that has begun. */
  static of(transport: Transport): Closing {
    if (transport.closing instanceof Closing) return transport.closing;
    const closing = new Closing(transport);
    transport.closing = closing;
    return closing;
  }

  /**
   * HTTP/1 clients leave with their next answer, or at their keep-alive timeout: ending an idle
   * connection here could meet a request on its way. Resolves when the last one is gone.
   */
  async retire(): Promise<void> {
    for (const { session } of this.transport.connections) if (session) void closeSession(session);
    await this.empty();
    this.transport.dispose();
  }

  /** Ends idle connections, waits for the others, and cuts what is left when `cut` aborts. */
  async drain(cut: AbortSignal): Promise<CutCounts> {
    this.endsIdle = true;
    for (const { session } of this.transport.connections) if (session) void closeSession(session);
    await this.sweep();
    const silentSweep = setInterval(() => this.endSilent(), silentSweepMs);
    const empty = this.empty();
    await Promise.race([empty, aborted(cut)]);
    clearInterval(silentSweep);
    const counts = cut.aborted ? cutConnections(this.transport) : noneCut();
    await empty;
    this.transport.dispose();
    return counts;
  }

  /**
   * The handler runs when the parser is through with the bytes at hand, so that the answer knows
   * whether another request is pipelined behind it.
   */
  request(connection: Connection, response: ServerResponse, dispatch: () => void): void {
    this.closeAfter(connection, response);
    process.nextTick(dispatch);
  }

  stream(stream: ServerHttp2Stream): void {
    stream.once('close', () => {
      if (stream.writableFinished && stream.rstCode === constants.NGHTTP2_NO_ERROR) {
        this.finished += 1;
      }
    });
  }

  session({ session }: Connection): void {
    if (!this.endsIdle || session === undefined) return;
    // A GOAWAY from within the 'session' event leaves a session whose peer is gone open for ever
    // (measured on Node 20.20).
    setImmediate(() => void closeSession(session));
  }

  gone(): void {
    if (this.transport.sockets.size === 0) this.resolveEmptied();
  }

  /** Asked for when no socket can come any more; before that, none at the moment means nothing. */
  private empty(): Promise<void> {
    const retired = this.resolveEmptied;
    return new Promise((resolve) => {
      this.resolveEmptied = () => {
        retired();
        resolve();
      };
      this.gone();
    });
  }

  private closeAfter(connection: Connection, response: ServerResponse): void {
    const { socket } = connection;
    sayClose(
      response,
      () => connection.last === response,
      () => (connection.closing = true),
    );
    // Node's own way destroys at once, which resets a client that is still sending its body.
    socket.destroySoon = () => lingeringClose(socket);
    response.once('close', () => {
      if (response.writableFinished) this.finished += 1;
      if (this.endsIdle) void this.sweep();
    });
  }

  /** Ends what is idle, after the bytes that wait in the sockets were read. */
  private async sweep(): Promise<void> {
    if (this.sweepIsDue) return;
    this.sweepIsDue = true;
    // One turn may end before the loop polls its sockets; the second one cannot.
    await nextTurn();
    await nextTurn();
    this.sweepIsDue = false;
    for (const connection of idleConnections(this.transport.inner, this.transport.connections)) {
      this.end(connection);
    }
  }

  private endSilent(): void {
    for (const connection of this.transport.connections) {
      if (connection.kind !== 'http1' || connection.socket.bytesRead > 0) continue;
      if (this.silent.has(connection)) this.end(connection);
      else this.silent.add(connection);
    }
  }

  private end(connection: Connection): void {
    connection.closing = true;
    lingeringClose(connection.socket);
  }
}

/** The first of two GOAWAYs: no stream is refused by it, whatever is on its way. */
function goAway(session: ServerHttp2Session): void {
  if (!session.destroyed && !session.closed) {
    session.goaway(constants.NGHTTP2_NO_ERROR, anyStream);
  }
}

/**
 * The second GOAWAY goes out when the client has answered a PING sent behind the first: what it
 * opened before it knew has arrived by then.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-6.8
 */
async function closeSession(session: ServerHttp2Session): Promise<void> {
  goAway(session);
  await new Promise<void>((resolve) => {
    if (session.destroyed || !session.ping(() => resolve())) resolve();
  });
  if (!session.destroyed) session.close();
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
