import { fileURLToPath } from 'node:url';
import type { HaProxy } from './haproxy.js';
import { Program } from './program.js';
import { replicas, type ReplicaAddress } from './replicas.js';

const entry = fileURLToPath(new URL('../app/serve.js', import.meta.url));

/** The replicas, which are started and restarted one after the other. */
export class RollingRestart {
  private readonly running = new Map<ReplicaAddress, Program>();

  /** Aborts when nobody waits for a replica any more. */
  private readonly givenUp = new AbortController();

  constructor(private readonly haproxy: HaProxy) {}

  async start(): Promise<void> {
    for (const replica of replicas) await this.startOne(replica);
  }

  /** At any moment one replica serves at least, and HAProxy knows which. */
  async restart(): Promise<void> {
    for (const replica of replicas) {
      // It says that it is not ready, serves on for `shutdown.delay`, then drains and ends.
      await this.running.get(replica)?.end('SIGTERM');
      await this.startOne(replica);
    }
    console.log('all replicas were restarted');
  }

  async stop(): Promise<void> {
    this.givenUp.abort();
    await Promise.all([...this.running.values()].map((program) => program.end('SIGTERM')));
  }

  private async startOne(replica: ReplicaAddress): Promise<void> {
    const { name, listen, managementPort } = replica;
    const program = new Program(process.execPath, [entry], {
      PUBLIC_LISTEN: listen,
      MANAGEMENT_LISTEN: `127.0.0.1:${managementPort}`,
    });
    this.running.set(replica, program);
    const { signal } = this.givenUp;
    await Promise.race([this.haproxy.sendsTo(name, signal), program.failed]);
    console.log(`replica ${name} serves`);
  }
}
