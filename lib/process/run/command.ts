import { statSync } from 'node:fs';
import type { Command } from '../command.js';
import { runSupervisor } from './run-supervisor.js';
import { DEFAULTS, readRunOptions } from './run-options.js';
import { silenceMs } from './stop-worker.js';

const usage = `Usage: nestjs-http-pool run <entry.js> [options] [-- <args>]

Runs an application under a supervisor whose process id stays. SIGHUP replaces the
application by the code that is on disk, without a request lost; SIGTERM and SIGINT
drain it and end, a second one ends at once.

Options:
  --workers <n|max>           processes that share all servers; ${DEFAULTS.workers}
  --ready-timeout <duration>  how long a start may take until the pool has started; ${DEFAULTS['ready-timeout']}
  --stop-timeout <duration>   how long a process that leaves may drain and end;
                              the graces of its servers, and ${silenceMs / 1000}s for its own hooks
  --pid-file <path>           holds the process id while the application runs
`;

export const command: Command = {
  usage,
  run(args) {
    const cwd = workingDirectory();
    return runSupervisor(readRunOptions(args, cwd), cwd);
  },
};

/** As the shell names it: of a link such as `current` the process itself knows only where it points. */
function workingDirectory(): string {
  const { PWD } = process.env;
  const here = process.cwd();
  if (PWD === undefined) return here;
  const [named, actual] = [PWD, here].map((path) => statSync(path, { throwIfNoEntry: false }));
  return named?.ino === actual?.ino && named?.dev === actual?.dev ? PWD : here;
}
