import { constants } from 'node:os';
import { Generation, type GenerationHost } from './generation.js';
import type { PidFile } from './pid-file.js';
import type { ServiceManager } from './service-manager.js';
import type { SupervisorLog } from './supervisor-log.js';

/** So long a generation that failed to start may take to end, which has nothing to finish. */
const failedStartMs = 5_000;

/** What a supervisor works with. */
interface SupervisorParts {
  readonly log: SupervisorLog;
  readonly manager: ServiceManager;
  readonly pidFile: PidFile | undefined;
  /** Makes what each generation is made with. */
  readonly host: GenerationHost;
}

/** Orders the generations of an application: one serves, one may start, one may leave. */
export class Supervisor {
  private serving: Generation | undefined;
  private starting: Generation | undefined;
  private leaving: { readonly generation: Generation; readonly gone: Promise<void> } | undefined;
  private number = 0;
  private upgrading: Promise<void> | undefined;
  private isAskedAgain = false;
  private stopping: Promise<void> | undefined;

  constructor(private readonly parts: SupervisorParts) {}

  /** Whether a worker serves, which had its chance to use a socket that another one closes. */
  get serves(): boolean {
    return this.isStopping || this.serving?.serves === true;
  }

  /** The newest generation that is ready. */
  get newest(): Generation | undefined {
    return this.serving;
  }

  get isStopping(): boolean {
    return this.stopping !== undefined;
  }

  get isStarting(): boolean {
    return this.starting !== undefined;
  }

  /** Starts the first generation. Resolves to whether it serves. */
  async start(): Promise<boolean> {
    const { log } = this.parts;
    const failure = (await this.bringUp()) ?? this.writePidFile();
    if (failure !== undefined) {
      if (!this.stopping) log.error(`the application did not start: ${failure}`);
      await this.serving?.leave({ servesOn: false });
      return false;
    }
    this.tellReady();
    if (this.isAskedAgain) this.upgrade();
    return true;
  }

  /** Of a worker: whom it answers may look for the process id. What fails is told when all are ready. */
  poolStarted(): void {
    this.writePidFile();
  }

  /** Replaces the code, now or when the upgrade that is under way is over. */
  upgrade(): void {
    if (this.stopping) return;
    this.isAskedAgain = true;
    if (this.serving === undefined) return;
    this.upgrading ??= this.upgradeAsAsked().finally(() => (this.upgrading = undefined));
  }

  /** Drains all and ends. */
  stop(signal: NodeJS.Signals): Promise<void> {
    this.stopping ??= this.stopAll(signal);
    return this.stopping;
  }

  /** Ends all at once. */
  kill(): void {
    for (const generation of this.generations()) generation.kill();
  }

  private async upgradeAsAsked(): Promise<void> {
    while (this.isAskedAgain && !this.stopping) {
      this.isAskedAgain = false;
      await this.upgradeOnce();
    }
  }

  private async upgradeOnce(): Promise<void> {
    const { log, manager, host } = this.parts;
    const former = this.serving as Generation;
    log.info(`SIGHUP: generation ${former.number} serves until the next one is ready`);
    manager.reloading();
    // An upgrade may take memory for two, and not for all that still drain.
    await this.leaving?.gone;
    const failure = this.stopping ? undefined : await this.bringUp();
    if (this.stopping) return;
    if (failure !== undefined) {
      log.error(`generation ${this.number} failed, ${former.number} serves on: ${failure}`);
    } else {
      const gone = former.leave({ servesOn: true }).then(() => {
        log.info(`generation ${former.number} has left`);
        this.leaving = undefined;
      });
      this.leaving = { generation: former, gone };
    }
    host.complete();
    this.tellReady();
  }

  /** Resolves to why it failed. */
  private async bringUp(): Promise<string | undefined> {
    const { host, log } = this.parts;
    const next = new Generation((this.number += 1), host);
    this.starting = next;
    log.info(`generation ${next.number} starts`);
    try {
      await next.start();
      if (this.stopping) return 'it was stopped';
      this.serving = next;
      log.info(`generation ${next.number} is ready: worker ${next.pids}`);
      return undefined;
    } catch (error) {
      if (!this.stopping) await next.leave({ servesOn: true, stopTimeoutMs: failedStartMs });
      return (error as Error).message;
    } finally {
      this.starting = undefined;
    }
  }

  /** Returns why it failed. */
  private writePidFile(): string | undefined {
    try {
      this.parts.pidFile?.write();
      return undefined;
    } catch (error) {
      return `the pid file can't be written: ${(error as Error).message}`;
    }
  }

  private async stopAll(signal: NodeJS.Signals): Promise<void> {
    const { log, manager } = this.parts;
    log.info(`${signal}: the application drains and ends`);
    manager.stopping();
    const generations = this.generations();
    await Promise.all(generations.map((each) => each.leave({ servesOn: false })));
    log.info('the application has ended');
  }

  private generations(): Generation[] {
    const all = [this.serving, this.starting, this.leaving?.generation];
    return all.filter((each) => each !== undefined);
  }

  private tellReady(): void {
    const { serving } = this;
    if (serving) this.parts.manager.ready(`generation ${serving.number} serves`);
  }
}

/** The exit code of a process that a signal has ended, as shells count. */
export function exitCodeOf(signal: 'SIGTERM' | 'SIGINT'): number {
  return 128 + constants.signals[signal];
}
