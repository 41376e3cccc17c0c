import { setTimeout as wait } from 'node:timers/promises';
import type { ServerSettings } from '../../config/server-settings.js';
import type { Socket } from 'node:net';
import type { Handler } from '../../handler/handler.js';
import { bindNext } from '../listener/bind-next.js';
import { Closing } from '../drain/closing.js';
import type { Connection } from '../transport/connection.js';
import { addCuts, cutConnections, type CutCounts } from '../drain/cut.js';
import type { Grace } from '../drain/grace.js';
import { Listener, type ListenerOwner } from '../listener/listener.js';
import { sendPushClientsAway } from '../drain/push-clients.js';
import { Transport, type TransportHost, type TransportSpec } from '../transport/transport.js';
import { unlessAborted } from '../drain/unless-aborted.js';

/** What does not change while a server lives. */
export interface EndpointHost extends TransportHost {
  /** The bound socket is of no use any more. */
  listenerDied(error: Error): void;
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
  /** What kept the listener from closing entirely: its socket file could not be removed, say. */
  readonly failure?: Error | undefined;
}

/**
 * For so long a connection must be idle before a drain ends it, unless the grace is short. It covers
 * clients nearby that ask without a pause; `shutdown.delay` is for those further away.
 */
const longestQuietMs = 100;

/** A listener, the transport behind it, and the transports that were replaced and drain off. */
export class Endpoint implements ListenerOwner {
  /** Made when there is one: most transports are never replaced. */
  private retired: Map<Closing, Transport> | undefined;
  private earlierRequests = 0;
  private leaving: Promise<void> | undefined;
  /** Set before anybody sees the endpoint. */
  private listenerInUse = undefined as unknown as Listener;

  private constructor(
    private readonly host: EndpointHost,
    private transport: Transport,
  ) {}

  /**
   * Binds, unless the address is among the vacated; serves such a one from {@link begin} on.
   */
  static async prepare(
    host: EndpointHost,
    spec: TransportSpec,
    vacated: readonly Listener[] = [],
  ): Promise<Endpoint> {
    const endpoint = new Endpoint(host, createTransport(host, spec));
    try {
      const { listener } = await bindNext(spec.settings, endpoint, vacated);
      endpoint.listenerInUse = listener;
      return endpoint;
    } catch (error) {
      endpoint.transport.dispose();
      throw error;
    }
  }

  accept(socket: Socket): void {
    this.transport.accept(socket);
  }

  listenerDied(error: Error): void {
    this.host.listenerDied(error);
  }

  /** The listener is this endpoint's from now on, and so is what a former one left to drain. */
  begin({ settings }: TransportSpec, former: Endpoint | undefined): void {
    for (const transport of former?.transports() ?? []) this.retire(transport);
    this.relisten(this.listenerInUse);
    this.listenerInUse.limit(settings.limits.maxConnections);
  }

  /** Gives a prepared endpoint up; a listener that was taken over stays with its owner. */
  abandon(): void {
    this.listener?.close();
    this.discard(this.transport);
  }

  /** The bound listener; undefined when another endpoint has taken it over. */
  get listener(): Listener | undefined {
    return this.listenerInUse.owner === this ? this.listenerInUse : undefined;
  }

  get secure(): boolean {
    return this.transport.secure;
  }

  /** Takes effect for the next request, also on connections of replaced transports. */
  setHandler(handler: Handler): void {
    for (const transport of this.transports()) transport.setHandler(handler);
  }

  /** What changes without a new transport. */
  reconfigure({ settings, material, handler }: TransportSpec): void {
    this.transport.reconfigure(settings, material);
    sayCloseAlways(this.transport, settings);
    this.listenerInUse.limit(settings.limits.maxConnections);
    this.setHandler(handler);
  }

  /** Makes the new transport that {@link swap} puts in; it can fail, so it comes first. */
  prepare(spec: TransportSpec): Transport {
    return createTransport(this.host, spec);
  }

  /** Gives a prepared transport up, and who has connected to it already. */
  discard(transport: Transport): void {
    cutConnections(transport);
    transport.dispose();
  }

  /** From here on sockets go to `next`; what the old transport holds drains off. */
  swap(next: Transport, { settings, handler }: TransportSpec): void {
    const old = this.transport;
    this.transport = next;
    this.listenerInUse.limit(settings.limits.maxConnections);
    this.setHandler(handler);
    this.retire(old);
  }

  /**
   * As {@link swap}, and on another listener; the old one closes when its queue is served, unless
   * another endpoint has taken it over.
   */
  async move(listener: Listener, next: Transport, spec: TransportSpec): Promise<void> {
    const old = this.listener;
    this.relisten(listener);
    this.swap(next, spec);
    if (old !== listener) this.leaving = old?.closeGently();
    await this.leaving;
  }

  /** Binds an address again that was given up for a change, and the change was discarded. */
  async restore(maxConnections: number | undefined): Promise<void> {
    const { listener } = this;
    if (listener === undefined || listener.listening) return;
    this.relisten(await Listener.bind(listener.bind, this, maxConnections));
  }

  /** Takes a listener, and with it the sockets that it accepts from now on. */
  relisten(listener: Listener): void {
    this.listenerInUse = listener;
    listener.owner = this;
  }

  /**
   * A delay of normal service in which every answer closes its connection, then no new connections,
   * then the drain, and with it the end for WebSockets. When another endpoint has taken the listener
   * over, connections leave first as they do after a swap, for as long as the grace allows.
   */
  async close({ delayMs, graceMs, grace }: CloseOptions): Promise<DrainOutcome> {
    const closings = this.transports().map((transport) => Closing.of(transport));
    for (const closing of closings) closing.begin();
    const finishedBefore = sum(closings.map(({ finished }) => finished));
    // When it failed, whoever asked for the move has been told.
    await this.leaving?.catch(() => undefined);
    if (this.listener) await delay(delayMs, grace.delaySignal);
    grace.endWithin(graceMs);
    const failure = await this.closeListener(grace.signal);
    const allAreAway = sendPushClientsAway(() => this.connections());
    // Their address serves on: who is idle may ask at any time, and leaves with the answer.
    if (this.listener === undefined) await retireWithin(closings, grace.signal);
    const quietMs = Math.min(longestQuietMs, graceMs / 10);
    const drained = closings.map((closing) => closing.drain(grace.signal, quietMs));
    const cut = addCuts(await Promise.all(drained));
    allAreAway();
    return {
      finished: sum(closings.map(({ finished }) => finished)) - finishedBefore,
      cut,
      timedOut: sum(Object.values(cut)) > 0,
      failure,
    };
  }

  /** Returns what failed, which must not keep the connections from being drained. */
  private async closeListener(hurry: AbortSignal): Promise<Error | undefined> {
    try {
      await this.listener?.closeGently(hurry);
      return undefined;
    } catch (error) {
      return error as Error;
    }
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
    return [this.transport, ...(this.retired?.values() ?? [])];
  }

  private connections(): Connection[] {
    return this.transports().flatMap(({ connections }) => [...connections]);
  }

  private retire(transport: Transport): void {
    const closing = Closing.of(transport);
    const retired = (this.retired ??= new Map());
    retired.set(closing, transport);
    void closing.retire().then(() => {
      retired.delete(closing);
      this.earlierRequests += transport.requests;
    });
  }
}

function createTransport(host: EndpointHost, spec: TransportSpec): Transport {
  const transport = new Transport(host, spec);
  sayCloseAlways(transport, spec.settings);
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

async function retireWithin(closings: readonly Closing[], end: AbortSignal): Promise<void> {
  const retired = Promise.all(closings.map((closing) => closing.retire()));
  // The abort is the end of waiting, and no fault.
  await unlessAborted(retired, end).catch(() => undefined);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
