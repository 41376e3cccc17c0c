import cluster from 'node:cluster';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { answerWorker } from './answer-worker.js';
import { ConnectionMoves } from './connection-moves.js';
import type { GenerationHost } from './generation.js';
import { PastCounters } from './whole/past-counters.js';
import { PidFile } from './pid-file.js';
import type { RunOptions } from './run-options.js';
import { ServiceManager } from './service-manager.js';
import { SharedSockets } from './sockets/shared-sockets.js';
import { exitCodeOf, Supervisor } from './supervisor.js';
import { SupervisorLog } from './supervisor-log.js';
import { WorkerProcess } from './worker-process.js';

/**
 * Runs an application until a signal ends it, or its first start fails.
 *
 * @param cwd The working directory of each worker
 * @returns the exit code
 */
export async function runSupervisor(options: RunOptions, cwd: string): Promise<number> {
  // Who reads the log may leave; the application stays.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const log = new SupervisorLog((line) => void process.stderr.write(line));
  const manager = new ServiceManager(process.env['NOTIFY_SOCKET'], log);
  // A worker that told it of itself would speak for all.
  delete process.env['NOTIFY_SOCKET'];
  // The workers accept by themselves: a socket that outlives them loses nothing.
  cluster.schedulingPolicy = cluster.SCHED_NONE;

  const sockets: SharedSockets = new SharedSockets(() => supervisor.serves);
  sockets.attach();
  const counters = new PastCounters();
  const moves = new ConnectionMoves(() => supervisor);
  const { workers: size, readyTimeoutMs, stopTimeoutMs } = options;
  const host: GenerationHost = {
    size,
    readyTimeoutMs,
    stopTimeoutMs,
    log,
    fork: () => {
      setUpFork(options, cwd);
      return answerWorker(new WorkerProcess(), { sockets, supervisor, moves, counters });
    },
    complete: () => supervisor.isStarting || sockets.closeUnused(),
  };
  const pidFile = options.pidFile === undefined ? undefined : new PidFile(options.pidFile);
  const supervisor: Supervisor = new Supervisor({ log, manager, pidFile, host });
  const tidy = (): void => {
    pidFile?.remove();
    sockets.closeAll();
  };
  const stopped = stopOnSignals(supervisor, tidy);
  process.on('SIGHUP', () => supervisor.upgrade());

  const isUp = await supervisor.start();
  const isStopped = supervisor.isStopping || isUp;
  if (isStopped) await stopped;
  tidy();
  await manager.flush();
  return isStopped ? 0 : 1;
}

function setUpFork({ entry, args }: RunOptions, cwd: string): void {
  cluster.setupPrimary({
    exec: entry,
    args: [...args],
    execArgv: [...process.execArgv, `--import=${preloadFor(entry)}`],
    cwd,
    // Node counts on from the supervisor's port, and one of those that follow may be taken.
    ...(hasAnyInspectPort() && { inspectPort: 0 }),
  });
}

/** Whether the system chooses the port of the debugger. */
function hasAnyInspectPort(): boolean {
  const ofEnvironment = (process.env.NODE_OPTIONS ?? '').split(/\s+/);
  return [...process.execArgv, ...ofEnvironment].some((arg) =>
    /^--inspect(-\w+)?=(.*:)?0$/.test(arg),
  );
}

/**
 * Our own, unless the folder that we were started from is gone: then the one of the package that the
 * application has now.
 */
function preloadFor(entry: string): string {
  const name = 'worker/preload.js';
  const own = new URL(name, import.meta.url);
  if (existsSync(own)) return own.href;
  const theirs = pathToFileURL(createRequire(entry).resolve('nestjs-http-pool'));
  return new URL(`process/run/${name}`, theirs).href;
}

/** Resolves when a signal has ended all; a second one ends the process at once, which leaves no file behind. */
function stopOnSignals(supervisor: Supervisor, tidy: () => void): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (!supervisor.isStopping) return void supervisor.stop(signal).then(resolve);
        supervisor.kill();
        tidy();
        process.exit(exitCodeOf(signal));
      });
    }
  });
}
