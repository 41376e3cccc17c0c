import type { Socket } from 'node:net';
import type { Handler } from '../../handler/handler.js';
import { cutConnections } from '../drain/cut.js';
import { drain, type DrainHost, type DrainOptions, type DrainOutcome } from '../drain/drain.js';
import { TransportDrain } from '../drain/transport-drain.js';
import { Listener, type ListenerOwner } from '../listener/listener.js';
import { countsOf, kindsOf, type EndpointCounts } from './endpoint-counts.js';
import { readMoved } from '../transport/connection/moved-connection.js';
import type { ServerEvents, SocketKind } from '../transport/events/server-events.js';
import { Transport, type TransportSpec } from '../transport/transport.js';
import type { TransportHost } from '../transport/transport-host.js';

/** What does not change while a server lives. */
export interface EndpointHost extends TransportHost {
  /** The bound socket is of no use any more. */
  listenerDied(error: Error): void;
  /** There are as many connections as there may be. */
  connectionTurnedAway(port: number | undefined): void;
  /** The grace ran out before these were answered. */
  requestsCut(requests: readonly string[]): void;
}

/** A listener, the transport behind it, and the transports that were replaced and drain off. */
export class Endpoint implements ListenerOwner, DrainHost {
  /** Made when there is one: most transports are never replaced. */
  private retired: Set<Transport> | undefined;
  private earlierRequests = 0;
  private leavingListener: Promise<void> | undefined;
  /** Undefined only while its address is bound: see {@link listenOn}. */
  private listenerInUse: Listener | undefined;

  private transport: Transport;

  constructor(
    private readonly host: EndpointHost,
    spec: TransportSpec,
  ) {
    this.transport = new Transport(host, spec);
  }

  /** Has this listener, which it serves on from {@link begin} on. */
  listenOn(listener: Listener): this {
    this.listenerInUse = listener;
    return this;
  }

  /** Binds no address after all. */
  closeUnbound(): void {
    this.transport.close();
  }

  accept(socket: Socket, facts?: object): void {
    this.transport.accept(socket, facts && readMoved(facts));
  }

  adopts(facts: object): boolean {
    const moved = readMoved(facts);
    return moved !== undefined && this.transport.adopts(moved);
  }

  refused(port: number | undefined): void {
    this.host.connectionTurnedAway(port);
  }

  /** One that it has left, or never came to serve on, is not its affair. */
  listenerDied(error: Error, listener: Listener): void {
    if (listener === this.listenerInUse) this.host.listenerDied(error);
  }

  /** The listener is this endpoint's from now on, and so is what a former one left to drain. */
  begin({ settings }: TransportSpec, former: Endpoint | undefined): void {
    const { boundListener } = this;
    const { owner: replaced } = boundListener;
    for (const transport of former?.transports ?? []) this.retire(transport);
    this.relisten(boundListener);
    boundListener.limit(settings.limits.maxConnections);
    this.expelUntrusted(this.transports);
    // That of another server whose place this one takes.
    if (replaced instanceof Endpoint) this.expelUntrusted(replaced.transports);
  }

  /** Gives a prepared endpoint up; a listener that was taken over stays with its owner. */
  close(): void {
    this.listener?.close();
    this.discard(this.transport);
  }

  /** The bound listener; undefined when another endpoint has taken it over. */
  get listener(): Listener | undefined {
    const { listenerInUse } = this;
    return listenerInUse?.owner === this ? listenerInUse : undefined;
  }

  get secure(): boolean {
    return this.transport.secure;
  }

  /** Takes effect for the next request, also on connections of replaced transports. */
  setHandler(handler: Handler): void {
    for (const transport of this.transports) transport.setHandler(handler);
  }

  /** What changes without a new transport, but for the handler. */
  reconfigure({ settings, material }: TransportSpec): void {
    this.transport.reconfigure(settings, material);
    this.boundListener.limit(settings.limits.maxConnections);
  }

  /** Makes the new transport that {@link swap} puts in; it can fail, so it comes first. */
  prepare(spec: TransportSpec): Transport {
    return new Transport(this.host, spec);
  }

  /** Gives a prepared transport up, and who has connected to it already. */
  discard(transport: Transport): void {
    cutConnections(transport);
    transport.close();
  }

  /** From here on sockets go to `next`; what the old transport holds drains off, with the handler that it is given. */
  swap(next: Transport, { settings }: TransportSpec): void {
    const old = this.transport;
    this.transport = next;
    this.boundListener.limit(settings.limits.maxConnections);
    this.retire(old);
    this.expelUntrusted(this.transports);
  }

  /**
   * As {@link swap}, and on another listener; the old one closes when its queue is served, unless
   * another endpoint has taken it over.
   */
  async move(listener: Listener, next: Transport, spec: TransportSpec): Promise<void> {
    const old = this.listener;
    this.relisten(listener);
    this.swap(next, spec);
    if (old !== listener) {
      // Another server may be started on that address at once.
      old?.beginLeaving();
      this.leavingListener = old?.stop();
    }
    await this.leavingListener;
  }

  /** Binds an address again that was given up for a change, and the change was discarded. */
  async restore(maxConnections: number | undefined): Promise<void> {
    const { listener } = this;
    if (listener === undefined || listener.listening) return;
    this.relisten(await Listener.bind(listener.bind, this, { maxConnections }));
  }

  private get boundListener(): Listener {
    if (this.listenerInUse === undefined) throw new Error('its address is not bound yet');
    return this.listenerInUse;
  }

  /** Takes a listener, and with it the sockets that it accepts from now on. */
  private relisten(listener: Listener): void {
    this.listenerInUse = listener;
    listener.handTo(this);
  }

  /** Drains all that it has, and closes the listener unless another endpoint has taken it over. */
  stop(options: DrainOptions): Promise<DrainOutcome> {
    this.listener?.beginLeaving();
    return drain(this, options);
  }

  get events(): ServerEvents | undefined {
    return this.host.events;
  }

  requestsCut(requests: readonly string[]): void {
    this.host.requestsCut(requests);
  }

  counts(): EndpointCounts {
    return countsOf(this.transports, this.earlierRequests);
  }

  /** Open connections by what they are now. */
  byKind(): Record<SocketKind, number> {
    return kindsOf(this.transports);
  }

  /** Settles when the listener that a move has left is closed. */
  get leaving(): Promise<void> | undefined {
    return this.leavingListener;
  }

  /** The one in use, and those that were replaced and drain off. */
  get transports(): Transport[] {
    const { transport, retired } = this;
    return retired === undefined ? [transport] : [transport, ...retired];
  }

  /** Whom the transport in use would not let in must not stay by a connection of before. */
  private expelUntrusted(transports: readonly Transport[]): void {
    const { trust } = this.transport;
    if (trust === undefined) return;
    for (const each of transports) if (each.trust !== trust) TransportDrain.of(each).expel();
  }

  private retire(transport: Transport): void {
    const retired = (this.retired ??= new Set());
    retired.add(transport);
    void TransportDrain.of(transport)
      .retire()
      .then(() => {
        retired.delete(transport);
        this.earlierRequests += transport.requests;
      });
  }
}
