import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { PooledServer } from '../../lib/index.js';
import { ca } from './certificates.js';

/** What the clients are sure to be through with by then. */
const limitMs = 45_000;

/**
 * Clients in another thread, which connect and ask while this one, with the servers, stands still:
 * only so do connections wait in the accept queue, and requests in the sockets' buffers.
 */
export class BlockedOutClients {
  private constructor(
    private readonly worker: Worker,
    private readonly flag: Int32Array,
  ) {}

  static async of(server: PooledServer): Promise<BlockedOutClients> {
    const shared = new SharedArrayBuffer(4);
    const { address, tls: secure } = server;
    const workerData = {
      port: (address as { port: number }).port,
      secure,
      http2: server.config.protocol === 'http2',
      ca: ca.cert,
      shared,
    };
    const script = new URL('../server/children/blocked-out-clients.mjs', import.meta.url);
    const worker = new Worker(script, { workerData });
    await once(worker, 'message');
    return new BlockedOutClients(worker, new Int32Array(shared));
  }

  /** Blocks this thread until so many clients are connected. */
  connectWhileBlocked(count: number): void {
    this.block('connect', count);
  }

  /** Blocks this thread until every client has sent a request. */
  askWhileBlocked(): void {
    this.block('ask');
  }

  /** How many answers each client got, and what failed. */
  async outcome(): Promise<{ answers: number[]; failures: string[] }> {
    this.worker.postMessage({ command: 'outcome' });
    const [outcome] = (await once(this.worker, 'message')) as [
      { answers: number[]; failures: string[] },
    ];
    return outcome;
  }

  /** Resolves when every connection is closed, to the errors that they met. */
  async closed(): Promise<string[]> {
    this.worker.postMessage({ command: 'closed' });
    const [{ failures }] = (await once(this.worker, 'message')) as [{ failures: string[] }];
    return failures;
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private block(command: string, argument?: number): void {
    Atomics.store(this.flag, 0, 0);
    this.worker.postMessage({ command, argument });
    const outcome = Atomics.wait(this.flag, 0, 0, limitMs);
    if (outcome === 'timed-out') throw new Error(`the clients did not ${command}`);
  }
}
