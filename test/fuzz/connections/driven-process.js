import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

/** So long the last connections of a round may take to be gone: their timeouts are far shorter. */
const settleMs = 20_000;

/** The application in a process of its own, which may die of what it is driven with. */
export class DrivenProcess {
  #child;
  #asked = new Map();
  #lastId = 0;
  #exited;
  /** What it has written on its way out. */
  lastWords = [];

  constructor() {
    this.#child = fork(new URL('./application.js', import.meta.url), {
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.lastWords = [...this.lastWords.slice(-20), text];
    });
    this.#child.on('message', ({ id, answer, error }) => {
      const { resolve, reject } = this.#asked.get(id);
      this.#asked.delete(id);
      if (error) reject(new Error(error));
      else resolve(answer);
    });
    this.#exited = once(this.#child, 'exit').then(([code, signal]) => {
      for (const { reject } of this.#asked.values()) {
        reject(new Error(`the process ended with ${signal ?? code}`));
      }
    });
  }

  get isAlive() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  ask(question, value) {
    const id = (this.#lastId += 1);
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      if (this.isAlive) this.#child.send({ id, question, value });
      else reject(new Error('the process has ended'));
    });
  }

  /** The last clients are gone, and the servers learn it a little later; what is open then, and what went wrong. */
  async settled() {
    const latest = performance.now() + settleMs;
    const faults = [];
    for (;;) {
      const { open, faults: found } = await this.ask('look');
      faults.push(...found);
      const isQuiet = open.every(({ connections, inFlight }) => connections + inFlight === 0);
      if (isQuiet || performance.now() > latest) return { open, faults };
      await wait(20);
    }
  }

  async end() {
    if (this.isAlive) this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
