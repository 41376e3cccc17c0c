import { describeCut } from '../../server/log/describe-change.js';
import type { DrainReport } from '../../server/server-state.js';
import type { SupervisorLog } from './supervisor-log.js';
import type { WorkerMessage } from './messages.js';
import type { WorkerProcess } from './worker-process.js';

interface StopWorkerOptions {
  /** Whether others serve on. */
  readonly servesOn: boolean;
  /** Undefined: each server has its own grace, and the hooks of the application {@link silenceMs}. */
  readonly stopTimeoutMs: number | undefined;
  readonly log: SupervisorLog;
}

/** So long a worker that drains may be silent, and its application may take to end behind that. */
export const silenceMs = 30_000;

/** What a worker gets beyond the stop timeout, to cut what is left and tell of it. */
const cutMs = 2_000;

/** Has a worker drain and end; kills one that does not. */
export async function stopWorker(worker: WorkerProcess, options: StopWorkerOptions): Promise<void> {
  const { log, servesOn, stopTimeoutMs } = options;
  const kill = (why: string): void => {
    log.error(`worker ${worker.pid} ${why}, it is killed`);
    worker.kill();
  };
  const timers = new Map<string, NodeJS.Timeout>();
  const within = (name: string, ms: number, act: () => void): void => {
    clearTimeout(timers.get(name));
    timers.set(name, setTimeout(act, ms));
  };
  const listen = (message: WorkerMessage): void => {
    if (message.type === 'leaving') {
      within('silence', silenceMs, () => kill('has ceased to answer while it drains'));
    } else if (message.type === 'drained') {
      tellDrained(worker, message.reports, message.error, log);
      clearTimeout(timers.get('silence'));
      if (stopTimeoutMs !== undefined) return;
      within('hooks', silenceMs, () => kill(`has not ended ${silenceMs / 1000} s after its drain`));
    }
  };
  worker.on('message', listen);
  within('silence', silenceMs, () => kill('does not answer'));
  if (stopTimeoutMs !== undefined) {
    within('hurry', stopTimeoutMs, () => worker.tell({ type: 'hurry' }));
    within('end', stopTimeoutMs + cutMs, () => kill('has not ended within the stop timeout'));
  }
  worker.leave(servesOn);
  await worker.ended;
  for (const timer of timers.values()) clearTimeout(timer);
  worker.off('message', listen);
}

function tellDrained(
  { pid }: WorkerProcess,
  reports: readonly DrainReport[],
  error: string | undefined,
  log: SupervisorLog,
): void {
  if (error !== undefined) log.error(`worker ${pid} could not stop its servers: ${error}`);
  for (const { server, cut, finished, timedOut } of reports) {
    if (!timedOut) continue;
    log.warn(
      `worker ${pid}: the grace of server '${server}' ran out, ${finished} requests were finished, cut: ${describeCut(cut)}`,
    );
  }
}
