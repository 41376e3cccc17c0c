import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { reloadIsOver, type Action } from './actions.js';
import { Application } from './application.js';
import type { RoleName } from './clients/client.js';
import { Ledger } from './ledger.js';
import { Load, type Stage } from './load.js';
import { findRoles, NotTried, refuseOthers, waitForAnswer } from './probe.js';

export interface ProveOptions {
  readonly urls: readonly URL[];
  readonly command: readonly string[];
  readonly action: Action;
  readonly times: number;
  /** Clients for each URL. */
  readonly clients: number;
  readonly without: ReadonlySet<RoleName>;
  /** How long the load goes on before the action, and after the last that is seen of it. */
  readonly observeMs: number;
  readonly startTimeoutMs: number;
  readonly stopTimeoutMs: number;
}

/** What was tried and what was lost. */
export interface Proof {
  readonly options: ProveOptions;
  readonly ledger: Ledger;
  readonly stages: readonly Stage[];
  /** How often the action was done: fewer than asked when the application was gone before. */
  readonly times: number;
  /** What a reader should know beside the numbers. */
  readonly notes: ReadonlySet<string>;
  /** The longest that the event loop of the clients was late, in ms. */
  readonly ownDelayMs: number;
}

/**
 * Starts the command, loads it, does the action, and counts.
 *
 * @param signal Ends it all when it aborts; whatever was started is ended before this rejects
 * @throws {NotTried} when the action could not be tried
 */
export async function prove(options: ProveOptions, signal: AbortSignal): Promise<Proof> {
  const trial = new Trial(options);
  const onAbort = (): void => trial.fail(new NotTried('it was interrupted'));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([trial.run(), trial.failed]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    await trial.end(signal);
  }
}

class Trial {
  private readonly ledger = new Ledger();
  private readonly notes = new Set<string>();
  private application: Application | undefined;
  private load: Load | undefined;
  private stages: readonly Stage[] = [];
  private isOver = false;
  /** Rejects when it can't go on, whatever it waits for. */
  readonly failed: Promise<never>;
  private reject!: (error: unknown) => void;

  constructor(private readonly options: ProveOptions) {
    this.failed = new Promise((_resolve, reject) => (this.reject = reject));
  }

  fail(error: unknown): void {
    this.reject(error);
  }

  async run(): Promise<Proof> {
    const { options, ledger } = this;
    for (const url of options.urls) await refuseOthers(url);
    await this.start();
    this.stages = await this.findStages();
    const lateness = monitorEventLoopDelay({ resolution: 5 });
    lateness.enable();
    await this.loadUp();
    let times = 0;
    while (times < options.times && (times === 0 || (await this.isReadyAgain()))) {
      times += 1;
      await this[options.action]();
    }
    await this.load?.stop();
    lateness.disable();
    if (ledger.ownFault) throw new NotTried(`the clients failed: ${ledger.ownFault.message}`);
    const ownDelayMs = lateness.max / 1e6;
    return { options, ledger, stages: this.stages, times, notes: this.notes, ownDelayMs };
  }

  /** Ends whatever is left. */
  async end(signal: AbortSignal): Promise<void> {
    this.isOver = true;
    this.load?.abandon();
    if (signal.aborted) await this.application?.kill();
    await this.application?.end();
  }

  private async start(): Promise<void> {
    const [file] = this.options.command;
    if (this.isOver) throw new NotTried('it was interrupted');
    try {
      this.application = await Application.start(this.options.command);
    } catch (error) {
      throw new NotTried(`'${file}' could not be started: ${(error as Error).message}`);
    }
    if (this.isOver) await this.application.kill();
  }

  /** Where each URL is answered, and by which roles. */
  private async findStages(): Promise<Stage[]> {
    const { urls, startTimeoutMs, without } = this.options;
    const stages: Stage[] = [];
    for (const url of urls) {
      const target = await waitForAnswer(url, this.application!, startTimeoutMs);
      stages.push(await findRoles(target, without));
    }
    for (const { target, roles } of stages) {
      if (roles.length === 0) throw new NotTried(`no client can be served at ${target.url.href}`);
    }
    return stages;
  }

  /** Clients for a while before the action: they must be served without a loss. */
  private async loadUp(): Promise<void> {
    const { ledger } = this;
    const lostBefore = ledger.lost;
    this.load = new Load(this.stages, this.options.clients, ledger, (error) => this.fail(error));
    await Promise.race([delay(this.options.observeMs), this.application!.exited]);
    if (ledger.lost > lostBefore) {
      const kinds = [...ledger.kinds].map(([kind, { count }]) => `${count} ${kind}`).join(', ');
      throw new NotTried(`requests were lost before the action: ${kinds}`);
    }
    if (!this.application!.isRunning) throw new NotTried('the command ended before the action');
  }

  private async isReadyAgain(): Promise<boolean> {
    if (this.options.action === 'reload') {
      if (this.application!.isRunning) return true;
      this.notes.add('The command ended at a SIGHUP; the rest of the reloads were not tried.');
      return false;
    }
    if (this.options.action === 'stop') {
      await this.startAgain();
      await this.loadUp();
    }
    return true;
  }

  private async startAgain(): Promise<void> {
    await this.start();
    for (const { target } of this.stages) {
      await waitForAnswer(target.url, this.application!, this.options.startTimeoutMs);
    }
    this.ledger.started();
  }

  protected async stop(): Promise<void> {
    this.ledger.signalled({ stop: true });
    await this.terminate();
    await this.load?.stop();
  }

  protected async restart(): Promise<void> {
    this.ledger.signalled();
    await this.terminate();
    await this.startAgain();
    await delay(this.options.observeMs);
  }

  protected async reload(): Promise<void> {
    const application = this.application!;
    const { observeMs, stopTimeoutMs } = this.options;
    const before = await application.processes();
    this.ledger.signalled();
    application.signal('SIGHUP');
    const timeouts = { observeMs, timeoutMs: stopTimeoutMs };
    const end = await reloadIsOver(application, before, timeouts);
    if (end === 'exited') this.notes.add('The command ended at the SIGHUP.');
    if (end === 'late') {
      this.notes.add('A reload was not seen to end: there were more processes than before.');
    }
  }

  private async terminate(): Promise<void> {
    const { stopTimeoutMs } = this.options;
    const application = this.application!;
    application.signal('SIGTERM');
    if (await application.gone(stopTimeoutMs)) return application.end();
    if (application.isRunning) {
      throw new NotTried(`the command did not end within ${stopTimeoutMs / 1000} s of SIGTERM`);
    }
    this.notes.add('The command ended and left processes of its group behind; they were killed.');
    await application.end();
  }
}
