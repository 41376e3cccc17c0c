import { setTimeout as wait } from 'node:timers/promises';
import type { WholeMetrics } from '../../../management/whole/whole.js';
import type { DrainReport } from '../../../server/server-state.js';
import type { HeldSignals } from './hold-signals.js';
import type { SupervisorLink } from './supervisor-link.js';
import type { WorkerPools } from './worker-pools.js';
import type { WorkersWhole } from './workers-whole.js';

/** How often a worker that drains says that it is alive. */
const signOfLifeMs = 1_000;

/** So long metrics may take to be collected, for the last time. */
const metricsMs = 1_000;

/** How long a start that waits for a supervisor which is gone may go on. */
const startMs = 1_000;

/**
 * How a worker leaves: its pools drain, with the grace of each server, then SIGTERM is raised, on which
 * the application's own hooks run, or which ends the process where there are none.
 */
export class Departure {
  private readonly cut = new AbortController();
  private begun = false;
  private giveUp: () => void = () => undefined;
  private readonly givenUp: ReturnType<WorkerPools['stop']> = new Promise((resolve) => {
    this.giveUp = () => resolve([]);
  });

  constructor(
    private readonly pools: WorkerPools,
    private readonly link: SupervisorLink,
    private readonly signals: HeldSignals,
    private readonly whole: Pick<WorkersWhole, 'say'>,
  ) {}

  /** Called once more, it only says anew whether others serve on. */
  begin(how: { readonly servesOn: boolean; readonly moves: boolean }): void {
    this.pools.leave(how);
    if (this.begun) return;
    this.begun = true;
    void this.leave();
  }

  /** There is no supervisor any more, and nobody who answers a pool that starts. */
  lose(): void {
    this.begin({ servesOn: false, moves: false });
    if (this.pools.isStarting) setTimeout(this.giveUp, startMs);
  }

  /** Cuts what a drain still waits for. */
  hurry(): void {
    this.cut.abort();
  }

  private async leave(): Promise<void> {
    const { signal } = this.cut;
    const sign = setInterval(() => void this.link.tell({ type: 'leaving' }), signOfLifeMs);
    void this.link.tell({ type: 'leaving' });
    const outcomes = await Promise.race([this.pools.stop(signal), this.givenUp]);
    const reports = outcomes.flatMap((each) =>
      each.status === 'fulfilled' ? (each.value as DrainReport[]) : [],
    );
    const failure = outcomes.find((each) => each.status === 'rejected');
    const error = failure && String((failure.reason as Partial<Error> | null)?.message);
    clearInterval(sign);
    // By now they count nothing any more, and are not gone with the application yet.
    const metrics = await this.lastMetrics();
    await this.link.tell({
      type: 'drained',
      reports,
      ...(error && { error }),
      ...(metrics !== undefined && { metrics }),
    });
    this.signals.raise('SIGTERM');
  }

  /** Undefined where there are none, or they take too long: an application's own may wait for anything. */
  private async lastMetrics(): Promise<string | undefined> {
    const over = new AbortController();
    // It keeps the process, which nothing else need do by now: it would end without its hooks.
    const late = wait(metricsMs, undefined, { signal: over.signal }).catch(() => undefined);
    const said = await Promise.race([this.whole.say('metrics'), late]);
    over.abort();
    return (said as Partial<WholeMetrics> | undefined)?.body;
  }
}
