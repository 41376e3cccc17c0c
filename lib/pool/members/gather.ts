import { PoolError, type PoolErrorCode } from '../../errors/pool.error.js';
import { ServerError, ServerErrorCode } from '../../errors/server.error.js';
import { delivered } from '../../server/deliver.js';
import type { PooledServer } from '../../server/pooled-server.js';

interface Gathered<T> {
  readonly results: T[];
  readonly errors: ServerError[];
}

interface GatherOptions {
  /** How many at a time; all unless told. */
  readonly concurrency?: number;
  /** Nothing more begins once it has aborted. */
  readonly signal?: AbortSignal;
  /** Asked of one that has failed: whether its error is of any concern. */
  readonly concerns?: (server: PooledServer) => boolean;
}

class Failure {
  constructor(readonly error: ServerError) {}
}

/** Does the work for all servers at once, or so many at a time, and gathers every outcome when all is told of it. */
export async function gather<T>(
  servers: readonly PooledServer[],
  work: (server: PooledServer) => Promise<T>,
  { concurrency = Infinity, signal, concerns }: GatherOptions = {},
): Promise<Gathered<T>> {
  // In the order of the servers, whoever is done first; nothing stands where nothing is of concern.
  const outcomes: (T | Failure)[] = [];
  const waiting = servers.entries();
  const takeNext = async (): Promise<void> => {
    for (const [at, server] of waiting) {
      if (signal?.aborted) return;
      try {
        outcomes[at] = await work(server);
      } catch (error) {
        if (concerns?.(server) === false) continue;
        outcomes[at] = new Failure(asServerError(server, error));
      }
    }
  };
  // Each begins in this turn with the first server that waits, and takes the next one when that is done.
  const length = Math.min(concurrency, servers.length);
  await Promise.all(Array.from({ length }, takeNext));
  await delivered();
  return {
    results: outcomes.filter((outcome): outcome is T => !(outcome instanceof Failure)),
    errors: outcomes.flatMap((outcome) => (outcome instanceof Failure ? [outcome.error] : [])),
  };
}

/** Throws one error for all that failed. */
export function throwIfAny(code: PoolErrorCode, headline: string, errors: ServerError[]): void {
  if (errors.length > 0) throw new PoolError(code, headline, errors);
}

/** «1 of 20 servers could not be started» */
export function headline(
  failed: readonly unknown[],
  all: readonly unknown[],
  what: string,
): string {
  return `${failed.length} of ${all.length} servers could not be ${what}`;
}

export function asServerError(server: PooledServer, error: unknown): ServerError {
  if (error instanceof ServerError) return error;
  const { name, bind } = server;
  const message = `Server '${name}' failed: ${(error as Error).message}`;
  return new ServerError(ServerErrorCode.ERR_SERVER_START, message, {
    server: name,
    bind,
    cause: error,
  });
}
