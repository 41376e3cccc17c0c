import { PoolError, type PoolErrorCode } from '../errors/pool.error.js';
import { ServerError, ServerErrorCode } from '../errors/server.error.js';
import type { PooledServer } from '../server/pooled-server.js';

export interface Gathered<T> {
  readonly results: T[];
  readonly errors: ServerError[];
}

/** Does the work for all servers at once, or so many at a time, and gathers every outcome. */
export async function gather<T>(
  servers: readonly PooledServer[],
  work: (server: PooledServer) => Promise<T>,
  options: { concurrency?: number; signal?: AbortSignal } = {},
): Promise<Gathered<T>> {
  const { concurrency = Infinity, signal } = options;
  const outcomes = new Map<PooledServer, { result: T } | { error: ServerError }>();
  const waiting = servers.values();
  const next = async (): Promise<void> => {
    for (const server of waiting) {
      if (signal?.aborted) return;
      try {
        outcomes.set(server, { result: await work(server) });
      } catch (error) {
        outcomes.set(server, { error: asServerError(server, error) });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, servers.length) }, next));
  // In the order of the servers, whoever was done first.
  const all = servers.flatMap((server) => outcomes.get(server) ?? []);
  return {
    results: all.flatMap((outcome) => ('result' in outcome ? [outcome.result] : [])),
    errors: all.flatMap((outcome) => ('error' in outcome ? [outcome.error] : [])),
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
