import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A program that runs until it is told to end. */
export class Program {
  /** Rejects where it ends, or can't be started, before it is told to. */
  readonly failed: Promise<never>;
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
    this.exited = once(this.child, 'exit');
    this.failed = this.exited.then(() => {
      throw new Error(`${command} ${args.join(' ')} has ended`);
    });
    // Whoever waits for it is told; nobody need wait.
    this.failed.catch(() => undefined);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.child.kill(signal);
    await this.exited.catch(() => undefined);
  }
}
