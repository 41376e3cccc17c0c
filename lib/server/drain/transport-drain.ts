import type { ServerResponse } from 'node:http';
import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Connection } from '../transport/connection/connection.js';
import { goAway, goAwayFirst } from '../transport/http2/go-away.js';
import { closeAfter } from '../transport/answer/last-answer.js';
import type { DrainObserver } from '../transport/connection/drain-observer.js';
import { isSendingFile } from '../transport/node/node-http2.js';
import type { Transport } from '../transport/transport.js';
import { cutConnections, noneCut, type CutCounts, type CutObserver } from './cut.js';
import { endGently, endIdle } from './end-idle.js';
import { expel } from './expel.js';
import { SilentClients } from './silent-clients.js';

/**
 * Brings the connections of one transport to an end without losing anything: first every answer
 * says `Connection: close` (and an HTTP/2 session is sent away with its next request), then idle
 * connections are ended, at last what is left is cut.
 */
export class TransportDrain implements DrainObserver {
  /** Requests answered whole since the drain began. */
  private answered = 0;
  /** Set while connections are ended that are idle for so long. */
  private quietMs: number | undefined;
  private nextSweep: NodeJS.Timeout | undefined;
  private endExpelling: (() => void) | undefined;
  private resolveEmptied: (() => void) | undefined;
  /** Files that are cut before they are sent: Node takes their answers for finished from the first byte on. */
  private readonly halfSent = new WeakSet<ServerHttp2Stream>();

  private constructor(private readonly transport: Transport) {
    for (const connection of transport.connections) this.begin(connection);
  }

  /** An answer whose handler has made it something that can't be told so is cut with the others. */
  private begin(connection: Connection): void {
    try {
      for (const response of connection.owed()) {
        this.request(connection, response);
        closeAfter(connection, response);
      }
      for (const { stream, isPushed } of connection.streams) if (!isPushed) this.stream(stream);
    } catch {
      // One that was frozen, say.
    }
  }

  /** Begins to drain a transport, or joins the drain that has begun. */
  static of(transport: Transport): TransportDrain {
    if (transport.drain instanceof TransportDrain) return transport.drain;
    const drain = new TransportDrain(transport);
    transport.drainTo(drain);
    return drain;
  }

  get finished(): number {
    return this.answered;
  }

  /** Whether no connection is left at the moment. */
  get isEmpty(): boolean {
    return this.transport.openSockets === 0;
  }

  /** Of a transport that no connection can come to any more. */
  close(): void {
    this.transport.close();
  }

  /**
   * HTTP/1 clients leave with their next answer, or at their keep-alive timeout: ending an idle
   * connection here could meet a request on its way, and so could a GOAWAY. Resolves when the last
   * one is gone.
   */
  async retire(): Promise<void> {
    await this.empty();
    this.transport.close();
  }

  /**
   * Ends idle connections, waits for the others, and cuts what is left when `cut` aborts.
   *
   * @param quietMs Who has been quiet for so long is ended at once, and who is idle so long from now is ended
   *   then: who has just been answered may ask again at once, and learns with the answer that it is the last one
   */
  async finish(cut: AbortSignal, quietMs: number, observer: CutObserver): Promise<CutCounts> {
    this.quietMs = quietMs;
    const now = performance.now();
    void this.endIdle((connection) => connection.isQuiet(now, quietMs));
    this.sweepSoon();
    const silent = new SilentClients(this.transport.connections, endSilent);
    const empty = this.empty();
    await Promise.race([empty, aborted(cut)]);
    silent.stop();
    clearTimeout(this.nextSweep);
    this.quietMs = undefined;
    if (cut.aborted) {
      await this.endIdle();
      this.noteHalfSent();
    }
    const counts = cut.aborted ? cutConnections(this.transport, observer) : noneCut();
    await empty;
    this.transport.close();
    return counts;
  }

  /** Its clients are not to be served any longer, beyond what they have asked for. */
  expel(): void {
    if (!this.isEmpty) this.endExpelling ??= expel(this.transport);
  }

  request({ socket }: Connection, response: ServerResponse): void {
    // A socket that is destroyed makes Node emit 'finish' too, for what was never sent.
    response.once('finish', () => {
      if (!socket.destroyed) this.answered += 1;
    });
    response.once('close', () => this.sweepSoon());
  }

  streamRequest(connection: Connection, response: ServerResponse, dispatch: () => void): void {
    goAwayFirst(connection, response, dispatch);
  }

  stream(stream: ServerHttp2Stream): void {
    stream.once('close', () => {
      const isWhole = stream.writableFinished && !this.halfSent.has(stream);
      if (isWhole && stream.rstCode === constants.NGHTTP2_NO_ERROR) this.answered += 1;
    });
  }

  private noteHalfSent(): void {
    for (const { streams } of this.transport.connections)
      for (const { stream } of streams) if (isSendingFile(stream)) this.halfSent.add(stream);
  }

  gone(): void {
    if (!this.isEmpty) return;
    this.endExpelling?.();
    this.resolveEmptied?.();
  }

  /** Asked for when no socket can come any more; before that, none at the moment means nothing. */
  private empty(): Promise<void> {
    const retired = this.resolveEmptied;
    return new Promise((resolve) => {
      this.resolveEmptied = () => {
        retired?.();
        resolve();
      };
      this.gone();
    });
  }

  private sweepSoon(): void {
    if (this.quietMs === undefined || this.nextSweep) return;
    this.nextSweep = setTimeout(() => {
      this.nextSweep = undefined;
      void this.endIdle();
    }, this.quietMs);
  }

  private async endIdle(isDue: (connection: Connection) => boolean = () => true): Promise<void> {
    const { transport } = this;
    await endIdle(transport, isDue);
    // Those with open streams learn it now; one that has never asked gets the time for it.
    for (const connection of transport.connections) {
      if (connection.hadStreams && isDue(connection)) void goAway(connection);
    }
  }
}

function endSilent(connection: Connection): void {
  if (connection.kind === 'http2') void goAway(connection);
  else endGently(connection);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
