import { errorDetailsOf, type ServerSettings } from '../config/server-settings.js';
import { ServerError, type ConfigIssue } from '../errors/server.error.js';
import type { HandlerRegistry } from '../handler/handler-registry.js';
import type { ServerHandlers } from '../handler/server-handlers.js';
import type { KnownHealth } from '../monitor/server-monitor.js';
import { stageUnder, type Hold } from './lifecycle/hold.js';
import type { Listener } from './listener/listener.js';
import { ServerFacts } from './server-facts.js';
import type { HostOf } from './server-host.js';
import type { ReportedServer, ServerReporter } from './server-reporter.js';
import type { ServerEvents } from './transport/events/server-events.js';

/** What the pools of a server, and its own watch, know of it and do with it. Not public. */
export abstract class PoolMember<Server extends ReportedServer> extends ServerFacts {
  protected abstract readonly reporter: ServerReporter<Server>;

  /** Whether lists of configs are about it: `apply` and `clone` leave the others alone. @internal */
  get listed(): boolean {
    return true;
  }

  /** What is known of its health while it runs, without a check. @internal */
  get health(): Pick<KnownHealth, 'status' | 'message'> {
    return this.reporter.health;
  }

  /** Restarts it, unless it does not run or is asked to stop. @internal */
  restartIfRunning(): Promise<void> {
    return this.lifecycle.restartIfRunning();
  }

  /** Its bound socket is of no use any more. @internal */
  listenerDied(error: Error): void {
    this.lifecycle.listenerDied(error);
  }

  /**
   * Reads its certificates anew, and serves with what they hold now; on a fault it goes on with those
   * before. @internal
   */
  async reloadTls(): Promise<void> {
    const change = await stageUnder(await this.lifecycle.hold(), () => this.settings);
    await change.commit();
  }

  /** Belongs to a pool from now on. @internal */
  attach(host: HostOf<Server>): void {
    this.reporter.attach(host);
    const settings = this.reporter.rewritten(this.settings);
    // One that serves needs more than that, which is not done at once.
    if (settings !== this.settings && this.runtime.takeUnserved(settings))
      this.reporter.relistened();
    const { handlers } = this.runtime;
    const next = handlers.joining(host.registry);
    if (next !== handlers) this.runtime.setHandlers(next);
  }

  /** Serves from these handlers where it has none of its own. @internal */
  shareHandlers(registry: HandlerRegistry): void {
    this.runtime.setHandlers(this.runtime.handlers.sharing(registry));
  }

  /** It leaves the pool of these handlers, and keeps them as they are now. @internal */
  leaveHandlers(registry: HandlerRegistry): void {
    const { handlers } = this.runtime;
    const next = handlers.leaving(registry);
    if (next !== handlers) this.runtime.setHandlers(next);
  }

  /** Is served by what its pool binds to its name, and goes on being so when it is renamed. @internal */
  bindHandlers(registry: HandlerRegistry): void {
    this.runtime.setHandlers(this.runtime.handlers.boundAs(registry.bindingOf(this.name)));
  }

  /** Takes, in a copy of a pool, the handlers that its original has in that pool. @internal */
  copyHandlers(
    original: PoolMember<Server>,
    registries: { from: HandlerRegistry; to: HandlerRegistry },
  ): void {
    const { handlers } = this.runtime;
    this.runtime.setHandlers(handlers.copiedFrom(original.runtime.handlers, registries));
  }

  /** @internal */
  detach(host: HostOf<Server>): void {
    this.reporter.detach(host);
  }

  /**
   * Tells an observer what happens on this server from now on, until the returned function is
   * called. @internal
   */
  observe(observer: ServerEvents): () => void {
    return this.runtime.observe(observer);
  }

  /** Nobody awaits this stop: a failure must not be lost, nor end the process. @internal */
  stopWithParent(): void {
    this.lifecycle.stop().catch((error: Error) => this.reporter.failedUnawaited(error));
  }

  /** Leaves the stops that are under way, or wait, no more time than this. @internal */
  hurry(graceMs: number): void {
    this.lifecycle.hurry(graceMs);
  }

  /** It is to be stopped when others have: who wants its address waits from now on. @internal */
  beginLeaving(): void {
    this.lifecycle.beginLeaving();
  }

  /** It is not to be stopped after all. @internal */
  endLeaving(): void {
    this.lifecycle.endLeaving();
  }

  /** A start is under way or waits, be it for an address in use, and no stop behind it. @internal */
  get isStarting(): boolean {
    return this.lifecycle.isStarting;
  }

  /** How often it was asked to start or restart. @internal */
  get startsAsked(): number {
    return this.lifecycle.startsAsked;
  }

  /** How often it was asked to stop. @internal */
  get stopsAsked(): number {
    return this.lifecycle.stopsAsked;
  }

  /** A stop is under way, waits for its turn, or comes when others have stopped. @internal */
  get awaitsStop(): boolean {
    return this.lifecycle.awaitsStop;
  }

  /** Something that it was asked for is under way, or waits. @internal */
  get isBusy(): boolean {
    return this.lifecycle.busy;
  }

  /** Resolves when all is done that it was asked for before. @internal */
  allDone(): Promise<void> {
    return this.lifecycle.allDone();
  }

  /** Stopped, and nothing is under way or asked for that could start it. @internal */
  get atRest(): boolean {
    return this.state === 'stopped' && !this.lifecycle.busy;
  }

  /** A change of its config, or of who has its place, is under way or waits. @internal */
  get awaitsChange(): boolean {
    return this.lifecycle.awaitsChange;
  }

  /** The listener it is bound with. @internal */
  get listener(): Listener | undefined {
    return this.runtime.bound;
  }

  /** Holds the server for a change: its other calls wait. @internal */
  hold(): Promise<Hold> {
    return this.lifecycle.hold();
  }

  /** Takes up what the handlers say now. @internal */
  refreshHandler(): void {
    this.runtime.refreshHandler();
  }

  /** It is in another pool, too. @internal */
  isElsewhere(host: HostOf<Server>): boolean {
    return this.reporter.isElsewhere(host);
  }

  /** What speaks against these settings in its pools but this one. @internal */
  conflictsOutside(host: HostOf<Server>, settings: ServerSettings): ConfigIssue[] {
    return this.reporter.conflicts(settings, host);
  }

  /** Takes the own handlers of another server, where that has some. @internal */
  takeHandlersOf(other: PoolMember<Server>): void {
    this.runtime.setHandlers(this.runtime.handlers.withOwnOf(other.runtime.handlers));
  }

  /** Serves by these again, which it had before. @internal */
  giveBack(handlers: ServerHandlers): void {
    this.runtime.setHandlers(handlers);
  }

  /** What a config of this server is checked against. @internal */
  get handlers(): ServerHandlers {
    return this.runtime.handlers;
  }

  /** Throws what speaks against these settings in its pools, and beside its handlers. */
  protected withoutConflict(settings: ServerSettings): ServerSettings {
    const issues = [...this.reporter.conflicts(settings)];
    // Another server's config, which `merge` takes, was not checked against what is bound to this one.
    const fault = this.runtime.handlers.bindingFault(settings);
    const redirectFault = this.reporter.redirectFault(settings);
    for (const issue of [fault, redirectFault]) if (issue) issues.push(issue);
    if (issues.length > 0) throw ServerError.forConfig(issues, this.details);
    return settings;
  }

  protected get details(): { server: string; bind: string } {
    return errorDetailsOf(this.settings);
  }
}
