/**
 * Loaded into each worker of `nestjs-http-pool run` before the application (`--import`), of which it
 * imports nothing: it puts up what the pools of the process look for, and has the process leave when
 * its supervisor says so, or is gone.
 */
import cluster from 'node:cluster';
import { isMainThread } from 'node:worker_threads';
import { toWholeKey } from '../../../management/whole/whole.js';
import { workerHostKey } from '../../../server/listener/worker-host.js';
import { Departure } from './departure.js';
import { FailedStart } from './failed-start.js';
import { holdSignals } from './hold-signals.js';
import { endWhenIdle } from './end-when-idle.js';
import { SupervisorLink } from './supervisor-link.js';
import { WorkersWhole } from './workers-whole.js';
import { WorkerPools } from './worker-pools.js';

// Threads and child processes of the application inherit the flag that loads this.
if (cluster.isWorker && isMainThread && process.connected) {
  const { LISTEN_PID } = process.env;
  // The descriptors of the service manager are there for this process by way of its supervisor.
  if (LISTEN_PID === String(process.ppid)) process.env['LISTEN_PID'] = String(process.pid);
  process.execArgv = process.execArgv.filter((flag) => !flag.includes(import.meta.url));
  const link = new SupervisorLink();
  const pools = new WorkerPools(link, new FailedStart());
  const signals = holdSignals((signal) => void link.tell({ type: 'signalled', signal }));
  const whole = new WorkersWhole(link);
  const departure = new Departure(pools, link, signals, whole);
  link.listen({
    say: (question) => whole.say(question),
    leave: (how) => departure.begin(how),
    adopt: (connection, handle) => pools.adopt(connection, handle),
    hurry: () => departure.hurry(),
    lost: () => departure.lose(),
  });
  endWhenIdle();
  Object.defineProperty(globalThis, workerHostKey, { value: pools });
  Object.defineProperty(globalThis, toWholeKey, { value: whole.toWhole });
}
