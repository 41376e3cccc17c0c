import type { IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { ServerSettings } from '../config/server-settings.js';
import type { Handler } from '../handler/handler.js';
import type { TlsMaterial } from '../tls/tls-material.js';
import { Closing } from './closing.js';
import type { Connection } from './connection.js';
import { addCuts, type CutCounts } from './cut.js';
import type { Grace } from './grace.js';
import { Listener, type Accept } from './listener.js';
import { sendPushClientsAway } from './push-clients.js';
import type { RequestLimits } from './request-limits.js';
import { Transport } from './transport.js';

/** All that a serving endpoint is made from. */
export interface EndpointSpec {
  readonly settings: ServerSettings;
  readonly material: TlsMaterial | undefined;
  readonly handler: Handler;
}

/** What does not change while a server lives. */
export interface EndpointHost {
  readonly limits: RequestLimits;
  readonly owner: unknown;
  readonly onHandlerError: (error: unknown, request: IncomingMessage) => void;
  readonly onListenerError: (error: Error) => void;
}

/** How long an endpoint takes to close. */
export interface CloseOptions {
  /** Of normal service, before anything ends. */
  readonly delayMs: number;
  /** For what is under way then. */
  readonly graceMs: number;
  /** Ends both, and can be shortened meanwhile. */
  readonly grace: Grace;
}

export interface DrainOutcome {
  readonly finished: number;
  readonly cut: CutCounts;
  readonly timedOut: boolean;
}

/** A listener, the transport behind it, and the transports that were replaced and drain off. */
export class Endpoint {
  private readonly retired = new Map<Closing, Transport>();
  private earlierRequests = 0;
  private leaving: Promise<void> | undefined;
  private readonly accept: Accept = (socket) => this.transport.accept(socket);

  private constructor(
    private readonly host: EndpointHost,
    private transport: Transport,
    private listenerInUse: Listener,
  ) {}

  /**
   * Binds, unless a listener is handed over; serves a handed-over one from {@link begin} on.
   */
  static async prepare(
    host: EndpointHost,
    spec: EndpointSpec,
    handedOver?: Listener,
  ): Promise<Endpoint> {
    const transport = createTransport(host, spec);
    const { bind, limits } = spec.settings;
    try {
      const accept: Accept = (socket) => transport.accept(socket);
      const listener = handedOver ?? (await Listener.bind(bind, accept, limits.maxConnections));
      return new Endpoint(host, transport, listener);
    } catch (error) {
      transport.dispose();
      throw error;
    }
  }

  /** The listener is this endpoint's from now on, and so is what a former one left to drain. */
  begin({ settings }: EndpointSpec, former: Endpoint | undefined): void {
    for (const transport of former?.transports() ?? []) this.retire(transport);
    this.relisten(this.listenerInUse);
    this.listenerInUse.limit(settings.limits.maxConnections);
  }

  /** Gives a prepared endpoint up; a listener that was handed over stays with its owner. */
  abandon(handedOver: Listener | undefined): void {
    if (!handedOver) this.listenerInUse.close();
    this.transport.dispose();
  }

  /** The bound listener; undefined when another endpoint has taken it over. */
  get listener(): Listener | undefined {
    return this.listenerInUse.accept === this.accept ? this.listenerInUse : undefined;
  }

  get secure(): boolean {
    return this.transport.secure;
  }

  /** Takes effect for the next request, also on connections of replaced transports. */
  setHandler(handler: Handler): void {
    for (const transport of this.transports()) transport.setHandler(handler);
  }

  /** What changes without a new transport. */
  reconfigure({ settings, material, handler }: EndpointSpec): void {
    this.transport.reconfigure(settings, material);
    sayCloseAlways(this.transport, settings);
    this.listenerInUse.limit(settings.limits.maxConnections);
    this.setHandler(handler);
  }

  /** Makes the new transport that {@link swap} puts in; it can fail, so it comes first. */
  prepare(spec: EndpointSpec): Transport {
    return createTransport(this.host, spec);
  }

  /** From here on sockets go to `next`; what the old transport holds drains off. */
  swap(next: Transport, { settings, handler }: EndpointSpec): void {
    const old = this.transport;
    this.transport = next;
    this.listenerInUse.limit(settings.limits.maxConnections);
    this.setHandler(handler);
    this.retire(old);
  }

  /** As {@link swap}, and on another listener; the old one closes when its queue is served. */
  move(listener: Listener, next: Transport, spec: EndpointSpec): Promise<void> {
    const left = this.listener;
    this.relisten(listener);
    this.swap(next, spec);
    this.leaving = left?.closeGently() ?? Promise.resolve();
    return this.leaving;
  }

  /** Takes a listener, and with it the sockets that it accepts from now on. */
  relisten(listener: Listener): void {
    this.listenerInUse = listener;
    listener.accept = this.accept;
    listener.onError = this.host.onListenerError;
  }

  /**
   * A delay of normal service in which every answer closes its connection, then no new connections,
   * then the drain, and with it the end for WebSockets. When another endpoint has taken the listener
   * over, only the drain.
   */
  async close({ delayMs, graceMs, grace }: CloseOptions): Promise<DrainOutcome> {
    const closings = this.transports().map((transport) => Closing.of(transport));
    for (const closing of closings) closing.begin();
    const finishedBefore = sum(closings.map(({ finished }) => finished));
    await this.leaving;
    if (this.listener) await delay(delayMs, grace.delaySignal);
    grace.endWithin(graceMs);
    await this.listener?.closeGently(grace.signal);
    const allAreAway = sendPushClientsAway(() => this.connections());
    const cut = addCuts(await Promise.all(closings.map((closing) => closing.drain(grace.signal))));
    allAreAway();
    return {
      finished: sum(closings.map(({ finished }) => finished)) - finishedBefore,
      cut,
      timedOut: sum(Object.values(cut)) > 0,
    };
  }

  counts(): { connections: number; inFlight: number; requests: number } {
    const transports = this.transports();
    const connections = this.connections();
    return {
      connections: sum(transports.map(({ sockets }) => sockets.size)),
      inFlight: sum(connections.map(({ inFlight }) => inFlight)),
      requests: this.earlierRequests + sum(transports.map(({ requests }) => requests)),
    };
  }

  private transports(): Transport[] {
    return [this.transport, ...this.retired.values()];
  }

  private connections(): Connection[] {
    return this.transports().flatMap(({ connections }) => [...connections]);
  }

  private retire(transport: Transport): void {
    const closing = Closing.of(transport);
    this.retired.set(closing, transport);
    void closing.retire().then(() => {
      this.retired.delete(closing);
      this.earlierRequests += transport.requests;
    });
  }
}

function createTransport(host: EndpointHost, spec: EndpointSpec): Transport {
  const { settings, material, handler } = spec;
  const { limits, owner, onHandlerError } = host;
  const transport = new Transport({ settings, material, limits, owner, onHandlerError });
  transport.setHandler(handler);
  sayCloseAlways(transport, settings);
  return transport;
}

/** Without keep-alive each answer closes its connection, as it does while a server closes. */
function sayCloseAlways(transport: Transport, { disableKeepAlive }: ServerSettings): void {
  if (disableKeepAlive) Closing.of(transport);
  else transport.closing = undefined;
}

async function delay(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  // An abort means that somebody is in a hurry: the delay is over, and that is all.
  await wait(ms, undefined, { signal }).catch(() => undefined);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
