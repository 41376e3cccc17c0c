import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MinRateSettings, RateSettings } from '../../../config/options/min-rate.js';
import { findConnection } from '../connection/connection.js';
import { http2StreamOf } from '../answer/http2-stream.js';
import { HeldExchange, type LeastRates, type SlowSide } from './held-exchange.js';
import { lookIntervalMs } from './look-interval.js';
import type { LeastRate } from './transfer-rate.js';

/** How often exchanges are looked at, see {@link lookIntervalMs}. */
const intervalRangeMs = [25, 1_000] as const;

/**
 * Of how an answer is read only the system knows, and it tells when a third of what it keeps is gone. A
 * client that reads all along would seem to stand still in between.
 */
const shortestAnswerMs = 3_000;

/** In which way a client was too slow. */
export interface SlowClient {
  readonly side: SlowSide;
  /** The least that it had to come up to. */
  readonly bytesPerSecond: number;
  /** Its address, where it has one. */
  readonly from: string | undefined;
}

/** Told of a client that is cut. */
export type OnSlowClient = (request: IncomingMessage, slow: SlowClient) => void;

/**
 * Cuts clients that send a request, or read an answer, more slowly than the config allows: one timer for
 * a server, there only while there is a request. Nothing is noted when bytes come or go; all is
 * told from what has come and gone between two looks.
 */
export class SlowClients {
  private readonly held = new Map<ServerResponse, HeldExchange>();
  private timer: NodeJS.Timeout | undefined;
  private intervalMs = 0;
  private least: LeastRates = { request: undefined, response: undefined };

  constructor(private readonly onSlow: OnSlowClient) {}

  configure(rates: RateSettings): void {
    const request = leastOf(rates.request, 0);
    const response = leastOf(rates.response, shortestAnswerMs);
    this.least = { request, response };
    const timesMs = [request?.forMs ?? 0, response?.forMs ?? 0];
    this.intervalMs = lookIntervalMs(timesMs, intervalRangeMs);
    this.stop();
    if (!request && !response) this.held.clear();
    else if (this.held.size > 0) this.start();
  }

  /**
   * Holds a request to the rates.
   *
   * @param options.isAsked False where the client waits for its handler to ask for the body
   */
  hold(
    request: IncomingMessage,
    response: ServerResponse,
    { isAsked }: { isAsked: boolean },
  ): void {
    const connection = findConnection(connectionSource(request, response));
    if (connection === undefined) return;
    const options = { isAsked, isRead: this.least.response !== undefined };
    this.held.set(response, new HeldExchange(connection, request, response, options));
    if (this.timer === undefined) this.start();
  }

  /** An answer is over; the body of its request may be still to come. */
  answered(response: ServerResponse): void {
    if (this.held.get(response)?.isOver !== false) this.held.delete(response);
  }

  private start(): void {
    this.timer = setInterval(() => this.look(), this.intervalMs).unref();
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private look(): void {
    const now = performance.now();
    for (const [response, exchange] of this.held) {
      try {
        if (exchange.isOver) this.held.delete(response);
        else this.lookAt(exchange, now);
      } catch {
        // What its handler has put in the place of a method of Node's fails: it is held to no rate any more.
        this.held.delete(response);
      }
    }
    if (this.held.size === 0) this.stop();
  }

  private lookAt(exchange: HeldExchange, now: number): void {
    const side = exchange.slowSide(this.least, now);
    if (side === undefined) return;
    this.held.delete(exchange.response);
    const { bytesPerSecond } = this.least[side] as LeastRate;
    const { from } = exchange;
    exchange.cut(side);
    this.onSlow(exchange.request, { side, bytesPerSecond, from });
  }
}

function connectionSource(
  request: IncomingMessage,
  response: ServerResponse,
): Pick<IncomingMessage, 'socket'> {
  const stream = http2StreamOf(response);
  return stream ? { socket: stream.session?.socket as never } : request;
}

function leastOf(rate: MinRateSettings | undefined, shortestMs: number): LeastRate | undefined {
  if (rate === undefined) return undefined;
  const { bytesPerSecond, graceMs } = rate;
  return { bytesPerSecond, forMs: Math.max(graceMs, shortestMs) };
}
