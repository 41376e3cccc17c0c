import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A Node process, what it says, and how it ends. */
export class Child {
  /** All of stdout and stderr so far. */
  output = '';
  readonly exited: Promise<Exit>;
  private readonly process: ChildProcessByStdio<null, Readable, Readable>;
  private over = false;
  private news: Promise<unknown> = Promise.resolve();
  private tell: () => void = () => undefined;

  constructor(args: string[], { cwd, env }: { cwd: string; env: Record<string, string> }) {
    this.process = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.awaitNews();
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        this.output += chunk;
        this.awaitNews();
      });
    }
    // 'close', for by then all that it said has been read.
    this.exited = once(this.process, 'close').then(([code, signal]) => {
      this.over = true;
      this.awaitNews();
      return { code, signal } as Exit;
    });
  }

  /** Resolves when the output matches; rejects, with the output, when the process ends without. */
  async until(pattern: RegExp): Promise<RegExpMatchArray> {
    for (;;) {
      const match = this.output.match(pattern);
      if (match) return match;
      if (this.over) throw new Error(`ended before ${pattern}:\n${this.output}`);
      await this.news;
    }
  }

  /** As Ctrl-C does. */
  interrupt(): void {
    this.process.kill('SIGINT');
  }

  async kill(): Promise<void> {
    if (!this.over) this.process.kill('SIGKILL');
    await this.exited;
  }

  /** Wakes who waits, and lets who comes next wait for the next news. */
  private awaitNews(): void {
    this.tell();
    this.news = new Promise<void>((resolve) => (this.tell = resolve));
  }
}
