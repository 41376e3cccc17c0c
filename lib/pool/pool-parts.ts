import { inspect } from 'node:util';
import { readCallOptions, refusedOption } from '../config/input/call-options.js';
import type { ServerSettings } from '../config/server-settings.js';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import type { ServerError } from '../errors/server.error.js';
import { HandlerRegistry } from '../handler/handler-registry.js';
import { ServerHandlers } from '../handler/server-handlers.js';
import { silentLogger } from '../server/log/pool-logger.js';
import { loggerFault } from '../server/log/read-logger.js';
import { PooledServer } from '../server/pooled-server.js';
import { signalFault } from '../server/read-signal.js';
import { readDefaultTls } from '../tls/default-tls.js';
import { Applier } from './apply/applier.js';
import { ServerStore } from './apply/store-server.js';
import { PoolMembers } from './members/pool-members.js';
import type { PoolOptions } from './pool.options.js';
import { SaidOnce, type ServerMatcher } from './members/server-query.js';

const KEYS = ['handlers', 'tls', 'signal', 'logger', 'defaults', 'servers'] as const;

/** Makes the servers that a pool is asked for. */
interface ServerFactory {
  /** The handlers of the pool, shared by all servers that it makes. */
  readonly handlers: ServerHandlers;
  /** A stopped server. */
  make(settings: ServerSettings): PooledServer;
}

/** What a pool is made of, and shares with its views. */
export interface PoolParts {
  readonly options: PoolOptions;
  readonly members: PoolMembers;
  readonly factory: ServerFactory;
  readonly store: ServerStore;
  readonly applier: Applier;
  /** Regexes that were logged to be invalid. */
  readonly invalidRegexes: SaidOnce;
}

/** The pool that a view shows, or the parts that a copy was made of. */
export interface PoolInside {
  readonly parts: PoolParts;
  /** The servers that a view shows. */
  readonly matches?: ServerMatcher;
}

/** @throws PoolError `ERR_POOL_VALIDATE` for handlers, a default TLS, a signal or a logger that are not valid */
export function readPoolParts(input: PoolOptions): PoolParts {
  const options = readCallOptions(input, KEYS, (key, fault) =>
    refused([refusedOption(key, fault)]),
  );
  const registry = new HandlerRegistry(options.handlers);
  const { tls, error } = readDefaultTls(options.tls);
  const ofOptions = [error, signalFault(options), loggerFault(options)];
  const faults = ofOptions.filter((fault) => fault !== undefined);
  if (faults.length === 0) return makePoolParts({ ...options, tls }, registry);
  throw refused(faults);
}

function refused(faults: readonly ServerError[]): PoolError {
  const headline = 'The pool has options that are not valid';
  return new PoolError(PoolErrorCode.ERR_POOL_VALIDATE, headline, faults);
}

/** @param input With a default TLS that is known to be valid */
export function makePoolParts(input: PoolOptions, registry: HandlerRegistry): PoolParts {
  const options = withoutShownDefaults(input);
  const { signal, logger, tls } = options;
  const members = new PoolMembers({ registry, signal, logger: logger ?? silentLogger });
  const handlers = ServerHandlers.sharing(registry);
  const shared = { tls, logger };
  const make = (settings: ServerSettings): PooledServer =>
    new PooledServer(settings, handlers, shared);
  const factory = { handlers, make };
  const store = new ServerStore(members);
  const applier = new Applier({ members, options, make });
  return { options, members, factory, store, applier, invalidRegexes: new SaidOnce() };
}

/** As they were given they may hold keys: they are read as ever, and shown by no output. */
function withoutShownDefaults(options: PoolOptions): PoolOptions {
  const { defaults, ...rest } = options;
  return Object.defineProperties(rest, {
    defaults: { get: () => defaults },
    // It would call the getter, where it is told to.
    [inspect.custom]: { value: () => ({ ...rest }) },
  }) as PoolOptions;
}
