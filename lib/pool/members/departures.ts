import type { PooledServer } from '../../server/pooled-server.js';

/**
 * What the pool waits for on servers that somebody may take out as they are. From then on they are his: they may
 * never do what they were asked for, and a stop of the pool does not reach them any more.
 */
export class Departures {
  private readonly waiting = new Map<PooledServer, Set<() => void>>();

  /** The outcome of some work on a server; undefined when the server was taken out before. */
  unlessTaken<T>(server: PooledServer, work: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const all = this.waiting.get(server) ?? new Set();
      const giveUp = (): void => resolve(undefined);
      const forget = (): void => {
        all.delete(giveUp);
        if (all.size === 0 && this.waiting.get(server) === all) this.waiting.delete(server);
      };
      this.waiting.set(server, all.add(giveUp));
      work.then(
        (outcome) => {
          forget();
          resolve(outcome);
        },
        (error: Error) => {
          forget();
          reject(error);
        },
      );
    });
  }

  /** It was taken out as it is. */
  taken(server: PooledServer): void {
    const waiting = this.waiting.get(server) ?? [];
    this.waiting.delete(server);
    for (const giveUp of waiting) giveUp();
  }
}
