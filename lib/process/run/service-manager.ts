import { execFile } from 'node:child_process';
import type { SupervisorLog } from './supervisor-log.js';

/** A manager that does not take a message must not keep the next one, or the end, for ever. */
const longestMs = 5_000;

/**
 * Tells systemd (`Type=notify`, `Type=notify-reload`) how the service stands, by the program
 * `systemd-notify`: Node has no unix datagrams. Does nothing without `NOTIFY_SOCKET`.
 *
 * @see https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
 */
export class ServiceManager {
  private told: Promise<void> = Promise.resolve();
  private hasFailed = false;

  constructor(
    private readonly socket: string | undefined,
    private readonly log: SupervisorLog,
  ) {}

  ready(status: string): void {
    this.tell('READY=1', `STATUS=${status}`);
  }

  reloading(): void {
    // The clock that systemd compares it with is the one behind hrtime.
    const now = process.hrtime.bigint() / 1000n;
    this.tell('RELOADING=1', `MONOTONIC_USEC=${now}`, 'STATUS=a new generation starts');
  }

  stopping(): void {
    this.tell('STOPPING=1', 'STATUS=the application drains');
  }

  /** Resolves when all has been told. */
  flush(): Promise<void> {
    return this.told;
  }

  private tell(...assignments: string[]): void {
    const { socket } = this;
    if (socket === undefined || this.hasFailed) return;
    const env = { ...process.env, NOTIFY_SOCKET: socket };
    const send = (): Promise<void> =>
      new Promise((resolve) => {
        execFile('systemd-notify', assignments, { env, timeout: longestMs }, (error) => {
          if (error) this.fail(error);
          resolve();
        });
      });
    this.told = this.told.then(send);
  }

  private fail(error: Error): void {
    if (this.hasFailed) return;
    this.hasFailed = (error as NodeJS.ErrnoException).code === 'ENOENT';
    this.log.warn(`NOTIFY_SOCKET is set, and systemd-notify could not be used: ${error.message}`);
  }
}
