import type { ServerSettings } from '../config/server-settings.js';
import { ServerError, ServerErrorCode } from '../errors/server.error.js';
import type { HealthStatus, MonitorReport } from './monitor-report.js';
import { probe } from './probe.js';
import { ServerMonitor, type MonitoredServer } from './server-monitor.js';
import type { DescriptorObserver } from './descriptor-watch.js';
import type { BoundAddress } from '../config/address/bound-address.js';

/** What a watch needs to know of its server. */
export interface WatchedServer extends MonitoredServer {
  readonly address: BoundAddress | undefined;
  readonly settings: ServerSettings;
  isRunning(): boolean;
  getError(): Error | undefined;
}

/** Told when the health of a server changes while it runs. */
export interface HealthObserver {
  healthChanged(status: HealthStatus, message: string | undefined): void;
}

/** Looks after a server while it runs, and stops looking when it does not. */
export class ServerWatch implements DescriptorObserver {
  private readonly monitor: ServerMonitor;
  private starved: Error | undefined;

  constructor(
    private readonly server: WatchedServer,
    private readonly observer: HealthObserver,
  ) {
    this.monitor = new ServerMonitor(server, (status, message) =>
      observer.healthChanged(status, message),
    );
  }

  /** The server has begun to run, or runs with another config. */
  start(): void {
    this.monitor.start();
  }

  /** The server does not run any more. */
  stop(): void {
    this.monitor.stop();
    this.starved = undefined;
  }

  report(version: string | undefined, signal: AbortSignal | undefined): Promise<MonitorReport> {
    return this.monitor.report(version, signal);
  }

  /** Connects to the server as a client would; rejects with the reason when it is not healthy. */
  async check(signal: AbortSignal | undefined): Promise<void> {
    const { name, bind, state, address, tls, settings } = this.server;
    if (state !== 'running' || address === undefined) throw this.notRunning();
    if (this.starved) throw this.starved;
    const { checkTimeoutMs: timeoutMs, path } = settings.monitor;
    try {
      await probe({ address, secure: tls, protocol: settings.protocol, path, timeoutMs }, signal);
    } catch (cause) {
      const message = `Server '${name}' (${bind}) is not healthy: ${(cause as Error).message}`;
      throw new ServerError(ServerErrorCode.ERR_SERVER_START, message, {
        server: name,
        bind,
        cause,
      });
    }
  }

  private notRunning(): ServerError {
    const { name, bind, state } = this.server;
    const cause = this.server.getError();
    const why = cause ? `: ${cause.message}` : '';
    const message = `Server '${name}' (${bind}) is not running, it is ${state}${why}`;
    return new ServerError(ServerErrorCode.ERR_SERVER_START, message, {
      server: name,
      bind,
      cause,
    });
  }

  descriptorsChanged(error: Error | undefined): void {
    const { name, bind } = this.server;
    const { ERR_SERVER_START } = ServerErrorCode;
    const message =
      `Server '${name}' (${bind}) cannot accept connections: the process has no free file ` +
      `descriptor (${error?.message}); close some, or raise its limit (ulimit -n)`;
    this.starved =
      error && new ServerError(ERR_SERVER_START, message, { server: name, bind, cause: error });
    this.observer.healthChanged(error ? 'down' : 'up', this.starved?.message);
  }
}
