import type { MonitorSettings } from '../config/options/monitor.js';
import type { HealthStatus, MonitorReport } from './monitor-report.js';
import { RiseAndFall } from './rise-and-fall.js';

/** What a monitor needs to know of its server. */
export interface MonitoredServer {
  readonly name: string;
  readonly bind: string;
  readonly expose: string;
  readonly state: string;
  readonly disabled: boolean;
  readonly tls: boolean;
  readonly settings: { readonly monitor: MonitorSettings };
  uptime(): number;
  handlerKey(): string;
  monitorName(): string;
  healthCheck(options?: { signal?: AbortSignal }): Promise<void>;
}

/** Checks one server and remembers how the last checks went. */
export class ServerMonitor {
  private readonly health = new RiseAndFall();
  private timer: NodeJS.Timeout | undefined;
  private running = false;

  constructor(
    private readonly server: MonitoredServer,
    private readonly onStatus: (status: HealthStatus, message: string | undefined) => void,
  ) {}

  /**
   * Checks at intervals from now on, where the config has a monitor; call it again when the config
   * has changed. Keeps no process alive.
   */
  start(): void {
    this.running = true;
    this.schedule();
  }

  stop(): void {
    this.running = false;
    clearTimeout(this.timer);
    this.health.reset();
  }

  private schedule(): void {
    const { monitor } = this.server.settings;
    clearTimeout(this.timer);
    if (!this.running || !monitor.configured) return;
    const delayMs = this.health.intervalMs(monitor);
    this.timer = setTimeout(() => void this.tick(), delayMs).unref();
  }

  private async tick(): Promise<void> {
    await this.report();
    this.schedule();
  }

  /**
   * Checks once. A server that does not run is down at once: there is nothing to be patient about.
   */
  async report(version?: string, signal?: AbortSignal): Promise<MonitorReport> {
    const { server } = this;
    const began = performance.now();
    const message = server.disabled ? undefined : await this.reasonAgainst(signal);
    const status = this.statusFor(message);
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
      latencyMs: Math.round(performance.now() - began),
      ...(status !== 'up' && { message: message ?? 'recovering' }),
      info: { version, runtime: process.version, handler: server.handlerKey() },
      ...(data !== undefined && { data }),
    };
  }

  private async reasonAgainst(signal: AbortSignal | undefined): Promise<string | undefined> {
    try {
      await this.server.healthCheck({ signal });
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  private statusFor(message: string | undefined): HealthStatus {
    const { server } = this;
    if (server.disabled) return 'up';
    if (server.state !== 'running') return 'down';
    const { monitor } = server.settings;
    // Rise and fall are for who asked for them; else one failed check is a server that is down.
    if (!monitor.configured) return message === undefined ? 'up' : 'down';
    const before = this.health.status;
    const status = this.health.record(message === undefined, monitor);
    if (status !== before) this.onStatus(status, message);
    return status;
  }
}
