import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { limits } from './limits.js';
import {
  descendantsOf,
  groupIsThere,
  killProcess,
  processesMarked,
  signalGroup,
} from './processes.js';

/** How a command came to its end. */
interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The command under test, in a process group of its own. */
export class Application {
  readonly exited: Promise<Exit>;
  exit: Exit | undefined;
  private readonly group: number;
  private readonly watchdog: ChildProcess;

  private constructor(
    private readonly child: ChildProcess,
    private readonly mark: string,
  ) {
    this.group = child.pid!;
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.exit = { code, signal };
        resolve(this.exit);
      });
    });
    this.watchdog = watchOver(this.group, mark);
  }

  /**
   * Runs the command without a shell. What it prints goes to standard error: standard output is for
   * the report.
   */
  static async start([file, ...args]: readonly string[]): Promise<Application> {
    const mark = `NESTJS_HTTP_POOL_PROVE=${randomUUID()}`;
    const [name, value] = mark.split('=') as [string, string];
    const env = { ...process.env, [name]: value };
    const child = spawn(file!, args, { detached: true, stdio: ['ignore', 2, 2], env });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    return new Application(child, mark);
  }

  get isRunning(): boolean {
    return this.exit === undefined;
  }

  /** Tells the process of the command itself. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  processes(): Promise<ReadonlySet<number>> {
    return descendantsOf(this.group);
  }

  /**
   * Waits until the command has exited, and whatever it started in its group too.
   *
   * @returns false when that takes longer than `timeoutMs`
   */
  async gone(timeoutMs: number): Promise<boolean> {
    const until = performance.now() + timeoutMs;
    const late = delay(timeoutMs, undefined, { ref: false });
    await Promise.race([this.exited, late]);
    while (this.isRunning || groupIsThere(this.group)) {
      if (performance.now() >= until) return false;
      await delay(20);
    }
    return true;
  }

  /** Ends whatever is left of it: by SIGTERM, then by SIGKILL. */
  async end(): Promise<void> {
    if (this.isRunning) this.signal('SIGTERM');
    await this.gone(this.isRunning ? limits.endMs : 0);
    await this.kill();
    this.watchdog.kill('SIGKILL');
  }

  /** Ends whatever is left of it at once. */
  async kill(): Promise<void> {
    if (groupIsThere(this.group)) signalGroup(this.group, 'SIGKILL');
    await this.exited;
    for (const pid of await processesMarked(this.mark)) killProcess(pid);
  }
}

/**
 * Ends the group when this process is killed and can't do so itself: its end of the pipe closes then.
 * The shell reads nothing else, and is ended with the application.
 */
function watchOver(group: number, mark: string): ChildProcess {
  const script =
    'read -r line; kill -KILL "-$1"; for file in $(grep -las -e "$2" /proc/[0-9]*/environ); do ' +
    'pid="${file#/proc/}"; kill -KILL "${pid%/environ}"; done';
  const args = ['-c', script, 'watchdog', String(group), mark];
  const child = spawn('sh', args, { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  return child;
}
