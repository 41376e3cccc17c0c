import type { MonitorSettings } from '../config/options/monitor.js';
import { messageOf } from '../errors/printable.js';
import type { HealthStatus } from './monitor-report.js';
import { UntimelyCertificate } from './probe-connection.js';
import { RiseAndFall } from './rise-and-fall.js';

/** What a monitor checks. */
export interface MonitoredServer {
  /** @internal */
  readonly settings: { readonly monitor: MonitorSettings };
  healthCheck(options?: { signal?: AbortSignal }): Promise<void>;
}

/** All that checks are about, compared value by value. */
export type Subject = readonly unknown[];

/** Where nothing can be found out it is none, and the same only as before. */
export function isSameSubject(subject: Subject | undefined, other: Subject | undefined): boolean {
  return subject === other || subject?.every((value, index) => value === other?.[index]) === true;
}

/** Whom a monitor serves. */
interface CheckObserver {
  /** All that checks are about now; undefined where nothing can be found out. */
  subject(): Subject | undefined;
  /** A check counts, and this is the status that it leads to. */
  checked(status: HealthStatus): void;
}

/** What the checks up to now say. */
export interface KnownHealth {
  readonly status: HealthStatus;
  /** Why it is not up. */
  readonly message?: string;
  /** How long the last check took, in ms; 0 before the first. */
  readonly latencyMs: number;
  /** For how long it has not been up, in ms. */
  readonly downtimeMs: number;
}

/** Checks one server at intervals while it runs, and remembers how the last checks went. */
export class ServerMonitor {
  private readonly health = new RiseAndFall();
  private timer: NodeJS.Timeout | undefined;
  /** Of the time since the server runs, or serves anew; what a check of the time before finds counts no more. */
  private run: AbortController | undefined;
  private subject: Subject = [];
  private isChecking = false;
  private checkedAt = 0;
  private fellAt = 0;
  private message: string | undefined;
  private latencyMs = 0;

  constructor(
    private readonly server: MonitoredServer,
    private readonly observer: CheckObserver,
  ) {}

  /**
   * Checks at intervals from now on, where the config has a monitor; call it again when the config
   * has changed. Keeps no process alive.
   */
  start(): void {
    if (!this.server.settings.monitor.configured) return this.stop();
    if (this.run === undefined) {
      this.run = new AbortController();
      this.checkedAt = performance.now();
    }
    this.follow();
    this.schedule();
  }

  /** What is served is served anew: a check that is under way is of what was there before. */
  renew(): void {
    if (!this.isChecking) return;
    this.run?.abort();
    this.run = new AbortController();
    this.isChecking = false;
  }

  /** Gives up the check that is under way, and forgets what was. */
  stop(): void {
    this.run?.abort();
    this.run = undefined;
    this.isChecking = false;
    clearTimeout(this.timer);
    this.health.reset();
    this.message = undefined;
    this.latencyMs = 0;
  }

  /** Costs no check. */
  get known(): KnownHealth {
    const { status } = this.health;
    const { message, latencyMs } = this;
    if (status === 'up') return { status, latencyMs, downtimeMs: 0 };
    const downtimeMs = Math.round(performance.now() - this.fellAt);
    return { status, message: message ?? 'recovering', latencyMs, downtimeMs };
  }

  /** From the last check on, so that a config that changes often does not put the next one off. */
  private schedule(): void {
    clearTimeout(this.timer);
    if (this.run === undefined || this.isChecking) return;
    const dueAt = this.checkedAt + this.health.intervalMs(this.server.settings.monitor);
    const delayMs = Math.max(0, dueAt - performance.now());
    this.timer = setTimeout(() => void this.check(), delayMs).unref();
  }

  /** Of something else than before, checks in a row are counted anew. Says whether there is something to check. */
  private follow(): boolean {
    const subject = this.observer.subject();
    if (subject && isSameSubject(subject, this.subject)) return true;
    this.subject = subject ?? [];
    this.health.countAnew();
    this.renew();
    return subject !== undefined;
  }

  private async check(): Promise<void> {
    const began = performance.now();
    if (!this.follow()) {
      this.checkedAt = began;
      return this.schedule();
    }
    const { run } = this;
    if (run === undefined) return;
    this.isChecking = true;
    const message = await this.reasonAgainst(run.signal);
    if (this.run !== run) return;
    // Not every change of what is served is told, such as one of its handlers.
    this.follow();
    if (this.run !== run) return this.schedule();
    this.isChecking = false;
    this.checkedAt = performance.now();
    try {
      this.record(message, Math.round(this.checkedAt - began));
    } finally {
      this.schedule();
    }
  }

  private async reasonAgainst(signal: AbortSignal): Promise<string | undefined> {
    try {
      await this.server.healthCheck({ signal });
      return undefined;
    } catch (error) {
      if (isUntimely(error)) return undefined;
      return messageOf(error);
    }
  }

  private record(message: string | undefined, latencyMs: number): void {
    const { status: previous } = this.health;
    const status = this.health.record(message === undefined, this.server.settings.monitor);
    if (previous === 'up' && status !== 'up') this.fellAt = performance.now();
    this.message = message;
    this.latencyMs = latencyMs;
    this.observer.checked(status);
  }
}

/** That a certificate has expired, or is not valid yet, is a concern of its own, which no check need find. */
export function isUntimely(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof UntimelyCertificate;
}
