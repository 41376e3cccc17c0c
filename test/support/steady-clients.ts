import { setMaxListeners } from 'node:events';
import { ask, type HttpOptions } from './http-client.js';

/** Clients that connect anew for each request, one after the other, until they are told to end. */
export class SteadyClients {
  readonly bodies = new Set<string>();
  /** The code of every request that failed. */
  readonly failures: string[] = [];
  private answered = 0;
  private ended = false;
  private readonly cut = new AbortController();
  private waiting: { from: number; resolve: () => void }[] = [];
  private readonly clients: Promise<void>[];

  constructor(
    private readonly urls: readonly string[],
    private readonly options: HttpOptions = {},
    clientsPerUrl = 4,
  ) {
    this.clients = urls.flatMap((url) =>
      Array.from({ length: clientsPerUrl }, () => this.run(url)),
    );
  }

  /** Resolves when so many more requests came to an end. */
  more(requests = 8 * this.urls.length): Promise<void> {
    const from = this.answered + requests;
    return new Promise((resolve) => this.waiting.push({ from, resolve }));
  }

  /** Every client ends with an answer to a request that it begins after this call. */
  async end(): Promise<void> {
    if (this.ended) return;
    await this.more();
    this.ended = true;
    await Promise.all(this.clients);
  }

  /** For an `afterEach`: what is under way is given up. */
  abort(): Promise<unknown> {
    this.ended = true;
    this.cut.abort();
    return Promise.all(this.clients);
  }

  private async run(url: string): Promise<void> {
    const { signal } = this.cut;
    // One listener for each request under way: more than Node expects, and all of them leave.
    setMaxListeners(0, signal);
    while (!this.ended) {
      try {
        this.bodies.add((await ask(url, { ...this.options, signal })).body);
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        this.failures.push(code ?? message);
      }
      this.answered += 1;
      const due = this.waiting.filter(({ from }) => from <= this.answered);
      this.waiting = this.waiting.filter((each) => !due.includes(each));
      for (const { resolve } of due) resolve();
    }
  }
}
