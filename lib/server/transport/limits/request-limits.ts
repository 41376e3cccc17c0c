import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { ServerSettings } from '../../../config/server-settings.js';
import { OVERLOAD_DEFAULTS, type OverloadSettings } from '../../../config/options/overload.js';
import { isBeyondAnswer, whenOver } from '../answer/answer-over.js';
import { http2StreamOf } from '../answer/http2-stream.js';
import { breakOff } from '../answer/break-off.js';
import type { Connection } from '../connection/connection.js';
import { destroySocket } from '../connection/own-methods.js';
import type { UpgradeWatch } from '../connection/pending-upgrade.js';
import { eventLoopDelay } from './event-loop-delay.js';
import { holdOpen } from './hold-open.js';
import { SlowClients, type OnSlowClient } from './slow-clients.js';
import type { ShedReason } from '../events/server-events.js';
import { Slots } from './slots.js';
import { whenTunnelOpens } from './tunnel-open.js';

/**
 * The limits that need a look at each request: `maxHandlers`, `maxUpgraded`, `overload`, `writeTimeout` and the least rates. A
 * server shares one over all its transports, so that a swap does not forget the requests that still run.
 */
export class RequestLimits {
  private maxHandlers = 0;
  private writeMs = 0;
  private maxUpgraded = 0;
  private overload: OverloadSettings | undefined;
  private release: (() => void) | undefined;
  readonly active = new Slots();
  readonly upgraded = new Slots();
  private isSet = false;
  private hasRates = false;
  /** Made when the config sets such a rate. */
  private slowClients: SlowClients | undefined;

  constructor(private readonly onSlow: OnSlowClient) {}

  static areSet({ limits, timeouts, overload, rates }: ServerSettings): boolean {
    const { maxHandlers, maxUpgraded } = limits;
    return (
      maxHandlers !== undefined ||
      maxUpgraded !== undefined ||
      timeouts.writeMs > 0 ||
      overload !== undefined ||
      rates.request !== undefined ||
      rates.response !== undefined
    );
  }

  /** False while no such limit is set: then requests are not even counted. */
  get enabled(): boolean {
    return this.isSet;
  }

  configure(settings: ServerSettings): void {
    this.maxHandlers = settings.limits.maxHandlers ?? 0;
    this.writeMs = settings.timeouts.writeMs;
    this.maxUpgraded = settings.limits.maxUpgraded ?? 0;
    this.overload = settings.overload;
    this.isSet = RequestLimits.areSet(settings);
    const { rates } = settings;
    this.hasRates = rates.request !== undefined || rates.response !== undefined;
    if (this.hasRates) this.slowClients ??= new SlowClients(this.onSlow);
    this.slowClients?.configure(rates);
  }

  /** Counts what has begun while no limit was set, and nothing was counted. */
  countOpen(connections: Iterable<Connection>): void {
    this.active.clear();
    this.upgraded.clear();
    for (const connection of connections) holdOpen(connection, this);
  }

  /** To be called while the server runs, and when it does not any more. */
  keepWatch({ isRunning }: { isRunning: boolean }): void {
    if (isRunning && this.overload) this.release ??= eventLoopDelay.use();
    else {
      this.release?.();
      this.release = undefined;
    }
  }

  /**
   * Takes a slot until the answer is over; else why there is none.
   *
   * @param options.isAsked False where the client waits to be asked for the body
   */
  admit(
    request: IncomingMessage,
    response: ServerResponse,
    options: { isAsked: boolean },
  ): ShedReason | undefined {
    const reason = this.take(request, response);
    if (reason === undefined && this.hasRates) this.slowClients?.hold(request, response, options);
    return reason;
  }

  /** Why an upgrade or a CONNECT is refused. */
  admitTakeOver(): ShedReason | undefined {
    return this.reasonAgainst() ?? this.reasonAgainstUpgrade();
  }

  /** Takes a slot until an upgrade that was admitted is answered; once open it is no request any more. */
  holdTakeOver(socket: Socket): UpgradeWatch {
    const asked = { isOver: () => socket.destroyed || socket.writableFinished };
    const upgraded = { isOver: () => socket.destroyed };
    this.active.take(asked);
    this.upgraded.take(upgraded);
    socket.once('close', () => this.upgraded.free(upgraded));
    const timer = this.cutLater(() => destroySocket(socket));
    return {
      settled: () => this.active.free(asked),
      opened: () => clearTimeout(timer),
    };
  }

  /** The same for a CONNECT of HTTP/2, whose tunnel is a stream. */
  holdTunnel(request: IncomingMessage, response: ServerResponse): void {
    const stream = http2StreamOf(response) as ServerHttp2Stream;
    const tunnel = { isOver: () => stream.destroyed };
    this.upgraded.take(tunnel);
    stream.once('close', () => this.upgraded.free(tunnel));
    let isOpen = false;
    // One that was refused is none.
    const over = this.hold(request, response, () => isOpen || this.upgraded.free(tunnel));
    whenTunnelOpens(stream, () => {
      isOpen = true;
      over();
    });
  }

  /** What `Retry-After` says to who is turned away for it, in seconds. */
  retryAfter(reason: ShedReason): number {
    const { retryAfter } = (reason === 'overload' ? this.overload : undefined) ?? OVERLOAD_DEFAULTS;
    return retryAfter;
  }

  private take(request: IncomingMessage, response: ServerResponse): ShedReason | undefined {
    const reason = this.reasonAgainst();
    if (reason) return reason;
    this.hold(request, response, () => this.slowClients?.answered(response));
    return undefined;
  }

  /** @returns gives the slot back now */
  private hold(request: IncomingMessage, response: ServerResponse, isFree: () => void): () => void {
    const carrier = http2StreamOf(response) ?? request.socket;
    const holder = { isOver: () => isBeyondAnswer(carrier, response) };
    this.active.take(holder);
    // As in Go, a response that takes too long is cut off, not answered with an error.
    const cutOff = (): void => {
      if (!isBeyondAnswer(carrier, response)) breakOff(response);
      over();
    };
    const timer = this.cutLater(cutOff);
    const over = whenOver(request, response, () => {
      this.active.free(holder);
      clearTimeout(timer);
      isFree();
    });
    return over;
  }

  private cutLater(cut: () => void): NodeJS.Timeout | undefined {
    return this.writeMs > 0 ? setTimeout(cut, this.writeMs) : undefined;
  }

  private reasonAgainst(): ShedReason | undefined {
    if (this.active.areTaken(this.maxHandlers)) return 'max_handlers';
    if (this.overload && eventLoopDelay.ms > this.overload.delayMs) return 'overload';
    return undefined;
  }

  private reasonAgainstUpgrade(): ShedReason | undefined {
    return this.upgraded.areTaken(this.maxUpgraded) ? 'max_upgraded' : undefined;
  }
}
