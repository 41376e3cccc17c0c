import type { ServerSettings } from '../config/server-settings.js';
import type { ConfigIssue } from '../errors/server.error.js';
import type { HealthStatus } from '../monitor/monitor-report.js';
import type { CheckedServer } from '../monitor/server-check.js';
import type { KnownHealth } from '../monitor/server-monitor.js';
import { ServerWatch, type HealthObserver } from '../monitor/server-watch.js';
import { CertificateWatch } from '../tls/certificate-watch.js';
import type { TlsMaterial } from '../tls/tls-material.js';
import type { RuntimeHost } from './endpoint/runtime-host.js';
import type { LifecycleHost } from './lifecycle/server-life.js';
import type { PooledServerOptions } from './pooled-server.options.js';
import { RedirectOrigin, type RedirectTarget } from './redirect-origin.js';
import {
  abortedSignal,
  redirectFaultIn,
  redirectTargetIn,
  rewrittenBy,
  type HostOf,
} from './server-host.js';
import { ServerLog, type LoggedServer } from './log/server-log.js';
import type { ServerChange, ServerState } from './server-state.js';
import { serverState } from './transport/events/diagnostics.js';

/**
 * What a reporter needs to know of its server, and to do with it. Internal here is what is internal there: the
 * declarations of both are without it.
 */
export interface ReportedServer extends CheckedServer, RedirectTarget, LoggedServer {
  readonly expose: string;
  readonly disabled: boolean;
  /** Restarts it while it runs. @internal */
  restartIfRunning(): Promise<void>;
  /** Its bound socket is of no use any more. @internal */
  listenerDied(error: Error): void;
  /** What it serves TLS with. @internal */
  readonly material: TlsMaterial | undefined;
  /** Reads its certificates anew. @internal */
  reloadTls(): Promise<void>;
}

/** Tells the log, the pools and the watch of a server what happens to it. */
export class ServerReporter<Server extends ReportedServer>
  extends ServerLog<Server>
  implements RuntimeHost, LifecycleHost, HealthObserver
{
  private readonly signal: AbortSignal | undefined;
  private hosts: readonly HostOf<Server>[] = [];
  private madeWatch: ServerWatch | undefined;
  /** Made when it serves over TLS. */
  private certificates: CertificateWatch | undefined;
  /** The warnings of its certificates that are in the log since it was started. */
  private warnings: readonly string[] = [];
  private madeRedirect: RedirectOrigin | undefined;

  constructor(owner: Server, { logger, signal }: Pick<PooledServerOptions, 'logger' | 'signal'>) {
    super(owner, logger);
    this.signal = signal;
  }

  /** What is known of the health of a server that runs, without a check. */
  get health(): Pick<KnownHealth, 'status' | 'message'> {
    const isKnown = this.madeWatch !== undefined || this.concern !== undefined;
    return isKnown ? this.watch.known : { status: 'up' };
  }

  /** What speaks against its certificates. */
  get concern(): string | undefined {
    return this.certificates?.concern;
  }

  /** Made when the config has a monitor or somebody asks: most servers are never asked. */
  get watch(): ServerWatch {
    this.madeWatch ??= new ServerWatch(this.owner, this);
    return this.madeWatch;
  }

  attach(host: HostOf<Server>): void {
    if (this.hosts.includes(host)) return;
    this.hosts = [...this.hosts, host];
  }

  detach(host: HostOf<Server>): void {
    this.hosts = this.hosts.filter((each) => each !== host);
  }

  /** The parent signal that has aborted, its own or that of a pool. */
  abortedSignal(): AbortSignal | undefined {
    return this.signal?.aborted ? this.signal : abortedSignal(this.hosts);
  }

  /** These settings as its pools would have them. */
  rewritten(settings: ServerSettings): ServerSettings {
    return rewrittenBy(this.hosts, settings);
  }

  isElsewhere(host: HostOf<Server>): boolean {
    return this.hosts.some((each) => each !== host);
  }

  /** What speaks against these settings in the pools that the server is in, but for one. */
  conflicts(settings: ServerSettings, except?: HostOf<Server>): ConfigIssue[] {
    const hosts = this.hosts.filter((host) => host !== except);
    return hosts.flatMap((host) => host.conflicts(settings, this.owner));
  }

  /** What is wrong with where these settings redirect to. */
  redirectFault(settings: ServerSettings): ConfigIssue | undefined {
    return redirectFaultIn(this.hosts, settings);
  }

  /** The origin that a redirect to this server leads to; undefined if there is none now. */
  redirectOrigin(name: string): string | undefined {
    this.madeRedirect ??= new RedirectOrigin(
      (target) => redirectTargetIn(this.hosts, target),
      (text) => this.warn(text),
    );
    return this.madeRedirect.of(name);
  }

  listenerDied(error: Error): void {
    this.owner.listenerDied(error);
  }

  changed(change: ServerChange): void {
    this.logChange(change);
    for (const host of this.hosts) host.changed(this.owner, change);
    // What it finds at once is told behind the change that it follows from.
    if (change.type !== 'health') this.keepWatch(change);
    if (change.type === 'state' && serverState.hasSubscribers) {
      const { state, previous, error, report } = change;
      serverState.publish({ server: this.owner, state, previous, error, report });
    }
  }

  tlsReread(): void {
    if (this.owner.isRunning()) this.watchCertificates();
  }

  relistened(): void {
    for (const host of this.hosts) host.relistened(this.owner);
  }

  healthChanged(status: HealthStatus, message: string | undefined): void {
    const state = this.owner.state as ServerState;
    this.changed({ type: 'health', state, previous: state, status, message });
  }

  restartOnDown(): void {
    this.owner.restartIfRunning().catch((error: Error) => this.failedUnawaited(error));
  }

  private keepWatch({ type }: ServerChange): void {
    if (this.owner.isRunning()) {
      // Before health is told, which they are part of.
      this.watchCertificates();
      if (type === 'restart') this.madeWatch?.renewed();
      else if (this.madeWatch || this.owner.settings.monitor.configured) this.watch.start();
    } else {
      this.madeWatch?.stop();
      this.certificates?.stop();
      this.warnings = [];
    }
  }

  private watchCertificates(): void {
    const { material } = this.owner;
    if (material === undefined) return this.certificates?.watch(undefined);
    const warnings = material.warnings();
    for (const warning of warnings) if (!this.warnings.includes(warning)) this.warn(warning);
    this.warnings = warnings;
    this.certificates ??= new CertificateWatch({
      reloadTls: () => this.owner.reloadTls(),
      concernChanged: () => this.watch.concernChanged(),
    });
    this.certificates.watch(material);
  }
}
