import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../dist/process/cli.js', import.meta.url));

/** An upgrade that takes longer has failed. */
const longestMs = 120_000;

/** An application under `nestjs-http-pool run`. */
export class Supervised {
  /** Where its servers listen, but for that of the operators. */
  urls = new Set();
  #child;
  #waiting = [];
  /** The end of its output, for a failure. */
  #output = [];

  constructor({ entry, options = [], args = [] }) {
    this.#child = spawn(process.execPath, [cli, 'run', entry, ...options, '--', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const input of [this.#child.stdout, this.#child.stderr]) {
      createInterface({ input }).on('line', (line) => this.#take(line));
    }
  }

  async ready() {
    await this.#line('generation 1 is ready');
  }

  /** Resolves when the generation before has left. */
  async upgrade() {
    const done = [this.#line('is ready: worker'), this.#line('has left')];
    this.#child.kill('SIGHUP');
    await Promise.all(done);
  }

  /** Drains and ends it; resolves to its exit code. */
  async stop() {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    return (await ended)[0];
  }

  /** Of the supervisor: resident memory in MB, and open descriptors. */
  footprint() {
    const { pid } = this.#child;
    const [, kB] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return { mb: Number(kB) / 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length };
  }

  #take(line) {
    this.#output = [...this.#output.slice(-30), line];
    const [, server, where] = /^(?:(\w+) )?listens on (\S+)$/.exec(line) ?? [];
    if (where && server !== 'management') {
      this.urls.add(/^\d+$/.test(where) ? `http://127.0.0.1:${where}/` : where);
    }
    const meant = this.#waiting.filter(({ text }) => line.includes(text));
    this.#waiting = this.#waiting.filter((each) => !meant.includes(each));
    for (const { resolve } of meant) resolve(line);
  }

  #line(text) {
    return new Promise((resolve, reject) => {
      const late = () => {
        this.#child.kill('SIGKILL');
        reject(new Error(`no line '${text}' within ${longestMs} ms:\n${this.#output.join('\n')}`));
      };
      const timer = setTimeout(late, longestMs);
      this.#waiting.push({ text, resolve: (line) => (clearTimeout(timer), resolve(line)) });
    });
  }
}
