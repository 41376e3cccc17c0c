import { messageOf } from '../errors/printable.js';
import { RestartOnDown } from './restart-on-down.js';
import type { HealthStatus, MonitorReport } from './monitor-report.js';
import { checkOnce, checkSubject, notRunning, type CheckedServer } from './server-check.js';
import { isUntimely, ServerMonitor, type KnownHealth } from './server-monitor.js';

/** Who acts on what a watch finds. */
export interface HealthObserver {
  /** What does not keep the server from serving, and should be mended; undefined: nothing. */
  readonly concern: string | undefined;
  /** The health of the server has changed while it runs, or is another than the one told before it ran. */
  healthChanged(status: HealthStatus, message: string | undefined): void;
  /** Its monitor says down, and its config wants it to be restarted then. */
  restartOnDown(): void;
  /** So many restarts have not helped. */
  retriesExhausted(restarts: number): void;
}

/** A status that was told, and the concern that it was told for. */
type Told = Pick<KnownHealth, 'status'> & { readonly concern?: string | undefined };

/** Looks after a server while it runs, and stops looking when it does not. */
export class ServerWatch {
  private readonly monitor: ServerMonitor;
  private readonly restarts = new RestartOnDown();
  /** Undefined: whatever it is found to be is news. */
  private told: Told | undefined = { status: 'up' };
  /** Since when it runs and was found to be another than `up`; undefined while it is up, or does not run. */
  private notUpSince: number | undefined;

  constructor(
    private readonly server: CheckedServer,
    private readonly observer: HealthObserver,
  ) {
    this.monitor = new ServerMonitor(server, {
      subject: () => checkSubject(server),
      checked: (status) => this.checked(status),
    });
  }

  /** The server has begun to run, or runs with another config. */
  start(): void {
    if (!this.server.settings.monitor.configured) this.restarts.reset();
    this.monitor.start();
    this.tell();
  }

  /** The server serves anew, by the config that it had. */
  renewed(): void {
    this.monitor.renew();
    this.start();
  }

  /** The server does not run any more, of which its state tells. */
  stop(): void {
    this.monitor.stop();
    this.restarts.reset();
    this.notUpSince = undefined;
    // Who only hears of health still takes it for what was told last.
    if (this.told?.status !== 'up') this.told = undefined;
  }

  /** What is known of a server that runs, without a check. */
  get known(): KnownHealth {
    return this.withConcern(this.monitor.known);
  }

  /**
   * What the monitor knows, where the config has one; else the server is checked now.
   *
   * @param version The application's version
   */
  async report(version?: string, signal?: AbortSignal): Promise<MonitorReport> {
    const { server } = this;
    const { status, message, latencyMs, downtimeMs } = this.lasting(await this.look(signal));
    const { name, bind, expose, state, disabled, tls } = server;
    const { data } = server.settings.monitor;
    return {
      name: server.monitorName(),
      server: name,
      bind,
      expose,
      state,
      status,
      disabled,
      tls,
      uptime: Math.round(server.uptime()),
      downtime: downtimeMs,
      latencyMs,
      ...(message !== undefined && { message }),
      info: { version, runtime: process.version, handler: server.handlerKey() },
      ...(data !== undefined && { data }),
    };
  }

  /** As {@link checkOnce}. */
  async check(signal: AbortSignal | undefined): Promise<void> {
    await checkOnce(this.server, signal);
  }

  /** The server serves, and something should be mended, or has been. */
  concernChanged(): void {
    this.tell();
  }

  /** Tells what is known, once. */
  private tell(): void {
    const { status, message } = this.lasting(this.known);
    const { concern } = this.observer;
    const told: Told = { status, concern: message === concern ? concern : undefined };
    if (this.told?.status === told.status && this.told.concern === told.concern) return;
    this.told = told;
    this.observer.healthChanged(status, message);
  }

  /** A concern, and what a check finds that is made by itself, do not say how long they have been. */
  private lasting(known: KnownHealth): KnownHealth {
    if (known.status === 'up' || !this.server.isRunning()) {
      this.notUpSince = undefined;
      return known;
    }
    const now = performance.now();
    this.notUpSince ??= Math.floor(now) - known.downtimeMs;
    return { ...known, downtimeMs: Math.ceil(now - this.notUpSince) };
  }

  private withConcern(known: KnownHealth): KnownHealth {
    const { concern } = this.observer;
    if (concern === undefined || known.status !== 'up') return known;
    return { ...known, status: 'degraded', message: concern };
  }

  private async look(signal: AbortSignal | undefined): Promise<KnownHealth> {
    const { server } = this;
    if (server.disabled) return { status: 'up', latencyMs: 0, downtimeMs: 0 };
    if (server.state !== 'running') {
      const { message } = notRunning(server);
      return { status: 'down', message, latencyMs: 0, downtimeMs: Math.round(server.downtime()) };
    }
    if (server.settings.monitor.configured) return this.known;
    const began = performance.now();
    const failure = await this.check(signal).then(
      () => undefined,
      (error: unknown) => (isUntimely(error) ? undefined : messageOf(error)),
    );
    const latencyMs = Math.round(performance.now() - began);
    if (failure === undefined) {
      return this.withConcern({ status: 'up', latencyMs, downtimeMs: 0 });
    }
    return {
      status: 'down',
      message: failure,
      latencyMs,
      downtimeMs: Math.round(server.downtime()),
    };
  }

  private checked(status: HealthStatus): void {
    this.tell();
    const next = this.restarts.after(status, this.server.settings.supervision, performance.now());
    if (next === 'restart') this.observer.restartOnDown();
    if (next === 'give-up') this.observer.retriesExhausted(this.restarts.restarts - 1);
  }
}
