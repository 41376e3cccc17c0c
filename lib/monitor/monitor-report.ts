/** How a server is: `degraded` is on its way down, or on its way up again. */
export type HealthStatus = 'up' | 'degraded' | 'down';

/** What a monitor found out about a server. */
export interface MonitorReport {
  /** The name of the monitor. */
  readonly name: string;
  /** The name of the server. */
  readonly server: string;
  readonly bind: string;
  readonly expose: string;
  readonly state: string;
  readonly status: HealthStatus;
  /** A disabled server is `up`: it is as it is meant to be. */
  readonly disabled: boolean;
  readonly tls: boolean;
  /** In ms; 0 when it does not run. */
  readonly uptime: number;
  /** For how long it has not been up, in ms; 0 while it is, and for a disabled one. */
  readonly downtime: number;
  /** How long the last check took, in ms; 0 where there was none yet. */
  readonly latencyMs: number;
  /** Why it is not up. */
  readonly message?: string;
  readonly info: {
    /** The application's version, as given. */
    readonly version: string | undefined;
    /** The version of Node. */
    readonly runtime: string;
    /** The key of the handler; `''` is the default. */
    readonly handler: string;
  };
  /** `monitor.data` of the config. */
  readonly data?: unknown;
}
