import type { MonitorSettings } from '../config/server-settings.js';
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

  constructor(private readonly server: MonitoredServer) {}

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
      uptime: server.uptime(),
      latencyMs: performance.now() - began,
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
    return this.health.record(message === undefined, monitor);
  }
}
