import type { IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { ServerSettings } from '../config/server-settings.js';
import type { Handler } from '../handler/handler.js';
import type { TlsMaterial } from '../tls/tls-material.js';
import { Closing } from './closing.js';
import { addCuts, type CutCounts } from './cut.js';
import type { Grace } from './grace.js';
import { Listener } from './listener.js';
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

export interface DrainOutcome {
  readonly finished: number;
  readonly cut: CutCounts;
  readonly timedOut: boolean;
}

/** A listener, the transport behind it, and the transports that were replaced and drain off. */
export class Endpoint {
  private readonly retired = new Map<Closing, Transport>();
  private earlierRequests = 0;
  private released = false;
  private leaving: Promise<void> | undefined;

  private constructor(
    private readonly host: EndpointHost,
    private listenerInUse: Listener,
    private transport: Transport,
  ) {
    this.take(listenerInUse);
  }

  /** Binds, or takes over a listener that is bound already. */
  static async open(host: EndpointHost, spec: EndpointSpec, bound?: Listener): Promise<Endpoint> {
    const transport = createTransport(host, spec);
    const { bind, limits } = spec.settings;
    const accept = transport.accept.bind(transport);
    try {
      const listener = bound ?? (await Listener.bind(bind, accept, limits.maxConnections));
      listener.limit(limits.maxConnections);
      return new Endpoint(host, listener, transport);
    } catch (error) {
      transport.dispose();
      throw error;
    }
  }

  /** The bound listener; undefined when it was released. */
  get listener(): Listener | undefined {
    return this.released ? undefined : this.listenerInUse;
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
    const old = this.listenerInUse;
    this.relisten(listener);
    this.swap(next, spec);
    this.leaving = old.closeGently();
    return this.leaving;
  }

  /** Goes on with another listener on the same address. */
  relisten(listener: Listener): void {
    this.listenerInUse = listener;
    this.take(listener);
  }

  /** Gives the listener away: the one who takes it gets its sockets from now on. */
  release(): Listener {
    this.released = true;
    this.listenerInUse.onError = () => undefined;
    return this.listenerInUse;
  }

  /**
   * A delay of normal service in which every answer closes its connection, then no new connections,
   * then the drain. Without a listener of its own any more (it was released) only the drain.
   */
  async close(delayMs: number, graceMs: number, grace: Grace): Promise<DrainOutcome> {
    const closings = this.transports().map((transport) => Closing.of(transport));
    const finishedBefore = sum(closings.map(({ finished }) => finished));
    if (delayMs > 0 && !this.released && !grace.delaySignal.aborted)
      await delay(delayMs, grace.delaySignal);
    await this.leaving;
    if (!this.released) await this.listenerInUse.closeGently();
    grace.endWithin(graceMs);
    const cuts = await Promise.all(closings.map((closing) => closing.drain(grace.signal)));
    grace.clear();
    const cut = addCuts(cuts);
    return {
      finished: sum(closings.map(({ finished }) => finished)) - finishedBefore,
      cut,
      timedOut: sum(Object.values(cut)) > 0,
    };
  }

  counts(): { connections: number; inFlight: number; requests: number } {
    const transports = this.transports();
    const connections = transports.flatMap((transport) => [...transport.connections]);
    return {
      connections: sum(transports.map(({ sockets }) => sockets.size)),
      inFlight: sum(connections.map(({ inFlight }) => inFlight)),
      requests: this.earlierRequests + sum(transports.map(({ requests }) => requests)),
    };
  }

  private transports(): Transport[] {
    return [this.transport, ...this.retired.values()];
  }

  private take(listener: Listener): void {
    listener.accept = (socket) => this.transport.accept(socket);
    listener.onError = this.host.onListenerError;
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
  // An abort means that somebody is in a hurry: the delay is over, and that is all.
  await wait(ms, undefined, { signal }).catch(() => undefined);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
