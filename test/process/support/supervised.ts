import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const cli = new URL('../../../dist/process/cli.js', import.meta.url).pathname;

/** The path of an application in `../children`. */
export function application(name: string): string {
  return new URL(`../children/${name}`, import.meta.url).pathname;
}

export interface SupervisedOptions {
  readonly options?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Of the supervisor's Node. */
  readonly execArgv?: readonly string[];
  /** Whether it and its workers are a group of processes of their own. */
  readonly isGroup?: boolean;
}

interface Waiting {
  readonly isMeant: (line: string) => boolean;
  resolve(line: string): void;
  reject(error: Error): void;
}

/** An application under `nestjs-http-pool run`, as a user has it: the built command line. */
export class Supervised {
  readonly lines: string[] = [];
  /** Resolves when all is read that it, and its workers, have written: some of it may be read after its end is known. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;
  private waiting: Waiting[] = [];

  constructor(entry: string, how: SupervisedOptions = {}) {
    const { options = [], args = [], env, cwd, execArgv = [], isGroup = false } = how;
    const all = [...execArgv, cli, 'run', entry, ...options, '--', ...args];
    this.child = spawn(process.execPath, all, {
      cwd,
      detached: isGroup,
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const input of [this.child.stdout, this.child.stderr]) {
      if (input) createInterface({ input }).on('line', (line) => this.take(line));
    }
    this.exited = once(this.child, 'exit');
    this.ended = once(this.child, 'close').then(([code, signal]) => {
      const error = new Error(`it has ended: ${code} ${signal}\n${this.lines.join('\n')}`);
      for (const { reject } of this.waiting) reject(error);
      return { code, signal };
    });
  }

  get pid(): number {
    return this.child.pid as number;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Resolves with the next line of its output that holds the text, from the call on. */
  line(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ isMeant: (line) => line.includes(text), resolve, reject });
    });
  }

  /** Resolves when its first generation serves. */
  ready(): Promise<string> {
    return this.line('generation 1 is ready');
  }

  /** Upgrades, and resolves when the new generation serves. */
  async upgraded(): Promise<string> {
    const ready = this.line('is ready: worker');
    this.signal('SIGHUP');
    return ready;
  }

  /** Drains and ends. */
  async stop(): Promise<number | null> {
    this.signal('SIGTERM');
    return (await this.ended).code;
  }

  /** For an `afterEach`: its workers drain and end without it. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  private take(line: string): void {
    this.lines.push(line);
    const meant = this.waiting.filter(({ isMeant }) => isMeant(line));
    this.waiting = this.waiting.filter((each) => !meant.includes(each));
    for (const { resolve } of meant) resolve(line);
  }
}
