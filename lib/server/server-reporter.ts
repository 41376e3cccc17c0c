import type { IncomingMessage } from 'node:http';
import type { ServerSettings } from '../config/server-settings.js';
import { quote } from '../config/redact.js';
import { describeThrown, printable, printableLines, stackOf } from '../errors/printable.js';
import type { ConfigIssue } from '../errors/server.error.js';
import type { HandlerRegistry } from '../handler/handler-registry.js';
import type { HealthStatus } from '../monitor/monitor-report.js';
import { ClientComplaints } from './client-complaints.js';
import { CertificateWatch } from '../tls/certificate-watch.js';
import type { TlsMaterial } from '../tls/tls-material.js';
import {
  describeChange,
  dropsLine,
  silentLogger,
  type ChangedServer,
  type PoolLogger,
} from './describe-change.js';
import { FailureLog } from './failure-log.js';
import { redirectFaultAlone, RedirectOrigin, type RedirectTarget } from './redirect-origin.js';
import { logLater } from './guarded-logger.js';
import type { PooledServerOptions } from './pooled-server.options.js';
import type { LifecycleHost } from './lifecycle/server-lifecycle.js';
import type { RuntimeHost } from './endpoint/server-runtime.js';
import type { ServerChange, ServerState } from './server-state.js';
import { serverState } from './transport/events/diagnostics.js';
import type { OnSlowClient } from './transport/limits/slow-clients.js';
import type { OnWrongProtocol } from './transport/wrong-protocol.js';
import type { KnownHealth } from '../monitor/server-monitor.js';
import type { WatchedServer } from '../monitor/server-check.js';
import { ServerWatch, type HealthObserver } from '../monitor/server-watch.js';

/** What a server belongs to from the outside: its pool, which knows the other servers. */
export interface HostOf<Server extends RedirectTarget> {
  /** A list of this host alone, the same one for all its servers. */
  readonly alone: readonly HostOf<Server>[];
  /** The handlers for servers that have none of their own. */
  readonly registry: HandlerRegistry;
  /** Once it has aborted, none of its servers starts. */
  readonly signal?: AbortSignal | undefined;
  /** What speaks against these settings for this server: a name or an address in use. */
  conflicts(settings: ServerSettings, server: Server): ConfigIssue[];
  /** What is wrong with where these settings redirect to, beside the other servers. */
  redirectFault(settings: ServerSettings): ConfigIssue | undefined;
  /** The server that others redirect to by this name. */
  redirectTarget(name: string): Server | undefined;
  changed(server: Server, change: ServerChange): void;
}

/** What a reporter needs to know of its server, and to do with it. */
export interface ReportedServer extends WatchedServer, RedirectTarget {
  readonly url: string | undefined;
  /** What it is bound with. */
  readonly listener: { readonly bind: { readonly canonical: string } } | undefined;
  /** Restarts it while it runs. */
  heal(): Promise<void>;
  /** What it serves TLS with. */
  readonly material: TlsMaterial | undefined;
  /** Reads its certificates anew. */
  reloadTls(): Promise<void>;
}

const noHosts: readonly never[] = [];
const noWarnings: readonly string[] = [];

/** Of the requests that a stop has cut, in its log line. */
const mostRequestsShown = 5;

/** Tells the log, the pools and the watch of a server what happens to it. */
export class ServerReporter<Server extends ReportedServer>
  implements RuntimeHost, LifecycleHost, HealthObserver
{
  private hosts: readonly HostOf<Server>[] = noHosts;
  private madeWatch: ServerWatch | undefined;
  /** Where it was bound last: its lines go on to say so when it has let the address go. */
  private boundAt: string | undefined;
  /** Made when it serves over TLS. */
  private certificates: CertificateWatch | undefined;
  /** The warnings of its certificates that are in the log. */
  private warnings: readonly string[] = noWarnings;
  private madeFailures: FailureLog | undefined;
  private madeComplaints: ClientComplaints | undefined;
  private madeRedirect: RedirectOrigin | undefined;

  constructor(
    readonly owner: Server,
    private readonly given: Pick<PooledServerOptions, 'logger' | 'signal'>,
  ) {}

  get logger(): PoolLogger {
    return this.given.logger ?? silentLogger;
  }

  /** What is known of the health of a server that runs, without a check. */
  get health(): Pick<KnownHealth, 'status' | 'message'> {
    return this.madeWatch?.known ?? { status: 'up' };
  }

  /** Made when the config has a monitor or somebody asks: most servers are never asked. */
  get watch(): ServerWatch {
    this.madeWatch ??= new ServerWatch(this.owner, this);
    return this.madeWatch;
  }

  attach(host: HostOf<Server>): void {
    if (this.hosts.includes(host)) return;
    this.hosts = this.hosts.length === 0 ? host.alone : [...this.hosts, host];
  }

  detach(host: HostOf<Server>): void {
    this.hosts = this.hosts.filter((each) => each !== host);
  }

  /** The parent signal that has aborted, its own or that of a pool. */
  endedBy(): AbortSignal | undefined {
    const { signal } = this.given;
    if (signal?.aborted) return signal;
    return this.hosts.find(({ signal }) => signal?.aborted)?.signal;
  }

  /** What speaks against these settings in the pools that the server is in, but for one. */
  conflicts(settings: ServerSettings, except?: HostOf<Server>): ConfigIssue[] {
    const hosts = this.hosts.filter((host) => host !== except);
    return hosts.flatMap((host) => host.conflicts(settings, this.owner));
  }

  /** What is wrong with where these settings redirect to: one pool that knows the target is enough. */
  redirectFault(settings: ServerSettings): ConfigIssue | undefined {
    if (this.hosts.length === 0) return redirectFaultAlone(settings);
    const issues = this.hosts.map((host) => host.redirectFault(settings));
    return issues.includes(undefined) ? undefined : issues[0];
  }

  /** Where clients are sent that it redirects to a server of this name; undefined: nowhere, now. */
  redirectOrigin(name: string): string | undefined {
    this.madeRedirect ??= new RedirectOrigin(
      (target) => this.redirectTarget(target),
      (text) => this.log('warn', this.named(text)),
    );
    return this.madeRedirect.of(name);
  }

  changed(change: ServerChange): void {
    if (change.type !== 'health') this.keepWatch();
    if (change.state === 'stopped') this.tellLeftOut();
    if (change.state === 'starting') this.madeComplaints = undefined;
    if (this.logger !== silentLogger) {
      const { level, text } = describeChange(change, this.changedServer());
      this.log(level, text);
    }
    for (const host of this.hosts) host.changed(this.owner, change);
    if (change.type === 'state' && serverState.hasSubscribers) {
      const { state, previous, error, report } = change;
      serverState.publish({ server: this.owner, state, previous, error, report });
    }
  }

  healthChanged(status: HealthStatus, message: string | undefined): void {
    const state = this.owner.state as ServerState;
    this.changed({ type: 'health', state, previous: state, status, message });
  }

  restartDown(): void {
    this.owner.heal().catch(({ message, stack }: Error) => this.log('error', message, stack));
  }

  restartsUsedUp(restarts: number): void {
    this.log('error', this.named(`is down after ${restarts} restarts, and stays as it is`));
  }

  handlerFailed(error: unknown, { method, url }: IncomingMessage): void {
    const rest = this.failures.next();
    if (rest === undefined) return;
    const asked = printable(`${method} ${url}`);
    const text = `handler failed on ${asked}: ${describeThrown(error)}${rest}`;
    this.log('error', this.named(text), stackOf(error));
  }

  requestsCut(requests: readonly string[]): void {
    const shown = requests.slice(0, mostRequestsShown).map((asked) => quote(asked));
    const rest = requests.length - shown.length;
    const text = `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
    this.log('warn', this.named(`the grace ran out, cut before they were answered: ${text}`));
  }

  clientWasSlow(...slow: Parameters<OnSlowClient>): void {
    this.complaints.wasSlow(...slow);
  }

  wrongProtocol(...spoken: Parameters<OnWrongProtocol>): void {
    this.complaints.spokeWrongly(...spoken);
  }

  observerFailed(error: unknown): void {
    const rest = this.failures.next();
    if (rest === undefined) return;
    this.log('error', this.named(`an observer failed: ${describeThrown(error)}${rest}`));
  }

  /** Nobody awaits it. */
  stopFailed({ message, stack }: Error): void {
    this.log('error', message, stack);
  }

  handlerRefused({ message }: Error): void {
    this.log('error', message);
  }

  private redirectTarget(name: string): Server | undefined {
    for (const host of this.hosts) {
      const target = host.redirectTarget(name);
      if (target) return target;
    }
    return undefined;
  }

  private changedServer(): ChangedServer {
    const { name: server, bind, listener, state, url, expose, settings } = this.owner;
    // One that begins anew may be bound elsewhere.
    if (state === 'starting') this.boundAt = undefined;
    this.boundAt = listener?.bind.canonical ?? this.boundAt;
    const isExposed = settings.expose !== undefined && expose !== url;
    return { server, at: this.boundAt ?? bind, url, expose: isExposed ? expose : undefined };
  }

  private tellLeftOut(): void {
    const leftOut = this.madeFailures?.takeLeftOut();
    if (leftOut !== undefined) this.log('error', this.named(leftOut));
    this.madeComplaints?.sayLeftOut();
  }

  /** Made with the first one. */
  private get complaints(): ClientComplaints {
    return (this.madeComplaints ??= new ClientComplaints((text) =>
      this.log('warn', this.named(text)),
    ));
  }

  /** Made with the first failure. */
  private get failures(): FailureLog {
    return (this.madeFailures ??= new FailureLog());
  }

  private named(text: string): string {
    const { server, at } = this.changedServer();
    return `${printable(server)} (${printable(at)}): ${text}`;
  }

  private keepWatch(): void {
    if (this.owner.isRunning()) {
      if (this.madeWatch || this.owner.settings.monitor.configured) this.watch.start();
      this.watchCertificates();
    } else {
      this.madeWatch?.stop();
      this.certificates?.stop();
    }
  }

  private watchCertificates(): void {
    const { material } = this.owner;
    if (material === undefined) return this.certificates?.stop();
    this.certificates ??= new CertificateWatch({
      reloadTls: () => this.owner.reloadTls(),
      certificatesChanged: (concern) => this.watch.concernChanged(concern),
    });
    const warnings = material.warnings();
    for (const warning of warnings) {
      if (!this.warnings.includes(warning)) this.log('warn', this.named(warning));
    }
    this.warnings = warnings;
    this.certificates.watch(material);
  }

  private log(level: 'log' | 'warn' | 'error', line: string, stack?: string): void {
    // Whatever a message holds of others, it forges no line.
    const text = printableLines(line);
    if (this.logger === silentLogger || dropsLine(this.owner.settings.logFilter, text)) return;
    logLater(this.logger, level, text, stack);
  }
}
