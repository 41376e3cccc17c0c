import type { IncomingMessage } from 'node:http';
import { printable } from '../../errors/printable.js';
import type { Pool } from '../../pool/pool.js';
import type { PoolLogger } from '../../server/log/pool-logger.js';
import type { PooledServer } from '../../server/pooled-server.js';
import type { DrainReport } from '../../server/server-state.js';
import { told, type Action } from './action-gate.js';

interface ServerActionParts {
  readonly pool: Pool;
  /** The server that the page is on. */
  readonly own: PooledServer;
  readonly logger: PoolLogger;
}

/** Each verb, and what it did. */
const verbs = {
  start: async (server: PooledServer): Promise<string> => {
    if (server.disabled) return 'It is disabled, and was not started';
    await server.start();
    return 'Started';
  },
  stop: async (server: PooledServer): Promise<string> => describe(await server.stop()),
  restart: async (server: PooledServer): Promise<string> => {
    await server.restart();
    return 'Restarted';
  },
};

/** Starts, stops or restarts one server: `{ action, server }`. */
export function serverAction({ pool, own, logger }: ServerActionParts): Action {
  return async ({ action, server: name }, request) => {
    if (typeof action !== 'string' || !Object.hasOwn(verbs, action) || typeof name !== 'string') {
      return told(400, 'Refused: give an action (start, stop or restart) and the name of a server');
    }
    const verb = action as keyof typeof verbs;
    const server = pool.get(name);
    if (server === undefined) return told(404, `There is no server '${name}' any more`);
    if (server === own && verb === 'stop') {
      return told(
        409,
        `Refused: '${name}' serves this page, and could not be started from it again`,
      );
    }
    logger.log(
      `${printable(name)}: ${verb} was asked for on the dashboard by ${clientOf(request)}`,
    );
    if (server === own && verb === 'restart') {
      // It ends when all its answers are given: this one among them. The log tells of a failure.
      server.restart().catch(() => undefined);
      return told(202, `'${name}' is being restarted`);
    }
    try {
      return told(200, `${await verbs[verb](server)}: ${name}`);
    } catch (error) {
      return told(409, `Could not ${verb} '${name}': ${(error as Error).message}`);
    }
  };
}

export function clientOf({ socket }: IncomingMessage): string {
  return socket?.remoteAddress ?? 'a local client';
}

function describe({ finished, cut, durationMs }: DrainReport): string {
  const cuts = Object.values(cut).reduce((sum, count) => sum + count, 0);
  return `Stopped in ${Math.round(durationMs)} ms, ${finished} requests finished, ${cuts} connections cut`;
}
