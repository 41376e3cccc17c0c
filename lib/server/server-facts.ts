import { inspect } from 'node:util';
import type { ServerConfig } from '../config/server.config.js';
import { monitorNameOf } from '../config/options/monitor.js';
import type { ServerSettings } from '../config/server-settings.js';
import type { HandlerEntry } from '../handler/handler.js';
import type { BoundAddress, HostAndPort } from '../config/address/bound-address.js';
import { defaultExpose, localUrl, withoutRootPath } from './listener/server-address.js';
import type { ServerLifecycle } from './lifecycle/server-lifecycle.js';
import type { ServerRuntime } from './endpoint/server-runtime.js';
import type { ServerState } from './server-state.js';
import { certificateStats, type ServerStats } from './server-stats.js';
import type { SocketKind } from './transport/events/server-events.js';
import type { TlsMaterial } from '../tls/tls-material.js';
import { expectsTls } from '../tls/read-tls.js';

/** What can be known of a server at any time, without changing it. */
export abstract class ServerFacts {
  protected abstract readonly runtime: ServerRuntime;
  protected abstract readonly lifecycle: ServerLifecycle;

  /** Unique in a pool. */
  get name(): string {
    return this.settings.name;
  }

  /** The bind address of the config in canonical form: the key in a pool. */
  get bind(): string {
    return this.settings.bind.canonical;
  }

  /** The public URL: the config's, else made from the bind address, the real port and TLS. */
  get expose(): string {
    const { expose, bind } = this.settings;
    return expose ? withoutRootPath(expose) : defaultExpose(bind, this.address, this.tls);
  }

  /** What a client on this machine can fetch; undefined when not bound, and for unix sockets. */
  get url(): string | undefined {
    return localUrl(this.address, this.tls);
  }

  /** The real address while bound. */
  get address(): BoundAddress | undefined {
    return this.runtime.bound?.address;
  }

  /** The address that it has given up for a change, and may have again. @internal */
  get vacated(): HostAndPort | undefined {
    return this.isRunning() ? this.runtime.vacated : undefined;
  }

  get state(): ServerState {
    return this.lifecycle.state;
  }

  /** A disabled server is kept and never started. */
  get disabled(): boolean {
    return this.settings.disabled;
  }

  /** Whether it speaks TLS; before it runs, whether it is set to. */
  get tls(): boolean {
    return this.runtime.secure ?? expectsTls(this.settings, this.runtime.defaultTls);
  }

  /** The config as it was given, frozen. */
  get config(): Readonly<ServerConfig> {
    return this.settings.options;
  }

  /** The resolved config. @internal */
  get settings(): ServerSettings {
    return this.runtime.settings;
  }

  isRunning(): boolean {
    return this.state === 'running';
  }

  /** In ms since it was started or restarted; 0 when it does not run. */
  uptime(): number {
    return this.lifecycle.uptime;
  }

  /** In ms since it does not run; 0 while it does, and before its first start. @internal */
  downtime(): number {
    return this.lifecycle.downtime;
  }

  /** Whether the last start failed, or the listener died since. */
  isError(): boolean {
    return this.lifecycle.error !== undefined;
  }

  /** What it serves TLS with. @internal */
  get material(): TlsMaterial | undefined {
    return this.runtime.material;
  }

  /** Whether its certificates are those that its files hold, or it needs none. @internal */
  get hasCurrentTls(): boolean {
    return this.runtime.hasCurrentTls;
  }

  getError(): Error | undefined {
    return this.lifecycle.error;
  }

  handlerHas(key: string): boolean {
    return this.handlerGet(key) !== undefined;
  }

  /** The entry of the handlers it serves from; undefined where they lack the key. */
  handlerGet(key: string): HandlerEntry | undefined {
    return this.runtime.handlers.get(key);
  }

  /** The key of the handler it serves; `''` is the default. */
  handlerKey(): string {
    return this.settings.handlerKey;
  }

  /** The name of its monitor: the config's, or one made from its name and bind address. */
  monitorName(): string {
    return monitorNameOf(this.settings.monitor, this);
  }

  /** Open connections by what they are now; `tls`: in their handshake. @internal */
  connectionsByKind(): Readonly<Record<SocketKind, number>> {
    return this.runtime.connectionsByKind();
  }

  /** A plain snapshot. */
  stats(): ServerStats {
    const { name, bind, expose, url, address, state, disabled, tls } = this;
    const { protocol } = this.settings;
    const uptime = Math.round(this.uptime());
    const counts = this.runtime.counts();
    return {
      name,
      bind,
      expose,
      url,
      address,
      state,
      disabled,
      tls,
      protocol,
      uptime,
      ...counts,
      ...(this.material && { certificates: certificateStats(this.material) }),
      error: this.getError()?.message,
    };
  }

  /** Without the config, which may hold private keys. */
  toJSON(): ServerStats {
    return this.stats();
  }

  [inspect.custom](): string {
    return `PooledServer { name: '${this.name}', bind: '${this.bind}', state: '${this.state}' }`;
  }
}
