import type { IncomingMessage } from 'node:http';
import type { ServerSettings } from '../../config/server-settings.js';
import type { Connection } from '../transport/connection/connection.js';
import { areSubscribed } from '../transport/events/diagnostics.js';
import type { ServerEvents } from '../transport/events/server-events.js';
import { ForeignListeners } from '../transport/foreign-listeners.js';
import type { InnerServer } from '../transport/inner-server.js';
import { RequestLimits } from '../transport/limits/request-limits.js';
import type { OnWrongProtocol } from '../transport/wrong-protocol.js';
import type { EndpointHost } from './endpoint.js';
import { Observers } from './observers.js';
import type { RuntimeHost } from './runtime-host.js';

/** What a server has for all its endpoints and transports, which come and go: limits, observers, listeners of middleware. */
export abstract class LastingHost implements EndpointHost {
  /** Made when the config sets such a limit: then it stays, for it counts what runs. */
  private requestLimits: RequestLimits | undefined;
  /** Made when middleware has added one. */
  private foreignListeners: ForeignListeners | undefined;
  /** Made when somebody watches the server, or all of the process. */
  private observers: Observers | undefined;

  constructor(protected readonly host: RuntimeHost) {}

  get limits(): RequestLimits | undefined {
    return this.requestLimits;
  }

  get foreign(): ForeignListeners | undefined {
    return this.foreignListeners;
  }

  ensureForeign(): ForeignListeners {
    return (this.foreignListeners ??= new ForeignListeners(() => this.inners()));
  }

  get events(): ServerEvents | undefined {
    if (this.observers === undefined && !areSubscribed()) return undefined;
    return this.watchers.events;
  }

  /** Tells an observer what happens from now on, until the returned function is called. */
  observe(observer: ServerEvents): () => void {
    return this.watchers.add(observer);
  }

  listenerDied(error: Error): void {
    this.host.listenerDied(error);
  }

  connectionTurnedAway(port: number | undefined): void {
    this.events?.connectionRefused?.('limit', port);
  }

  wrongProtocol(...spoken: Parameters<OnWrongProtocol>): void {
    this.host.wrongProtocol(...spoken);
  }

  get owner(): unknown {
    return this.host.owner;
  }

  handlerFailed(error: unknown, request: IncomingMessage): void {
    this.host.handlerFailed(error, request);
  }

  requestsCut(requests: readonly string[]): void {
    this.host.requestsCut(requests);
  }

  protected abstract inners(): InnerServer[];

  /** Open ones, of all that it serves with. */
  protected abstract connections(): readonly Connection[];

  protected setLimits(settings: ServerSettings): void {
    if (this.requestLimits === undefined && !RequestLimits.areSet(settings)) return;
    this.requestLimits ??= new RequestLimits((...slow) => this.host.clientWasSlow(...slow));
    const { enabled } = this.requestLimits;
    this.requestLimits.configure(settings);
    if (!enabled && this.requestLimits.enabled) this.requestLimits.countOpen(this.connections());
    this.requestLimits.keepWatch({ isRunning: true });
  }

  private get watchers(): Observers {
    return (this.observers ??= new Observers(this.host));
  }
}
