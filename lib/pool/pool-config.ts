import { readCallOptions, refusedOption } from '../config/input/call-options.js';
import type { ServerOptions } from '../config/server.config.js';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import type { ServerError } from '../errors/server.error.js';
import type { HandlerSource } from '../handler/handler.js';
import { HandlerRegistry } from '../handler/handler-registry.js';
import type { PoolLogger } from '../server/log/pool-logger.js';
import { loggerFault } from '../server/log/read-logger.js';
import { signalFault } from '../server/read-signal.js';
import { readDefaultTls, type DefaultTls } from '../tls/default-tls.js';
import { createServers } from './apply/create-servers.js';
import { Pool } from './pool.js';

/** A list of server configs, and what its servers share. Its input is never changed. */
export class PoolConfig implements Iterable<ServerOptions> {
  /** Hidden from every output, as the default TLS is: configs as they were given may hold keys. */
  readonly #list: readonly ServerOptions[];
  private handlers: HandlerSource | undefined;
  #defaultTls: DefaultTls | undefined;
  private signal: AbortSignal | undefined;

  /** @param options The configs; anything but a list is a fault that {@link validate} tells. */
  constructor(options: readonly ServerOptions[] = []) {
    this.#list = options;
  }

  [Symbol.iterator](): Iterator<ServerOptions> {
    try {
      return (Array.isArray(this.#list) ? [...(this.#list as ServerOptions[])] : []).values();
    } catch {
      // A list that can't be read is a fault that validate tells, as one that is none.
      return [].values();
    }
  }

  get length(): number {
    return [...this].length;
  }

  /** Sets the handlers of all servers; undefined takes them away. */
  setHandlerFunc(source: HandlerSource | undefined): this {
    this.handlers = source;
    return this;
  }

  /** Sets the TLS that servers with `tls.inheritDefault` inherit. */
  setDefaultTls(tls: DefaultTls | undefined): this {
    this.#defaultTls = tls;
    return this;
  }

  /** Sets the parent signal: when it aborts, every server stops gracefully. */
  setContext(signal: AbortSignal | undefined): this {
    this.signal = signal;
    return this;
  }

  /** Visits the configs in order; `false` stops. */
  walk(visit: (config: ServerOptions) => boolean | void): this {
    if (typeof visit !== 'function') return this;
    for (const config of this) if (visit(config) === false) break;
    return this;
  }

  /** All faults of all configs in one error (`ERR_POOL_VALIDATE`); undefined when there is none. */
  validate(): PoolError | undefined {
    const { registry, fault } = readHandlers(this.handlers);
    const { error } = createServers(this.#list, { registry, tls: this.#defaultTls });
    const ofSignal = signalFault({ signal: this.signal });
    const shared = fault ?? (ofSignal && refused(ofSignal));
    if (shared === undefined || error === undefined) return shared ?? error;
    const headline = fault?.message ?? nothingAdded;
    return new PoolError(shared.code, headline, [...shared.errors, ...error.errors], {
      cause: shared.cause,
    });
  }

  /**
   * Makes a pool of the valid configs; `error` tells the faults of the others (`ERR_POOL_ADD`). What
   * all servers share being at fault (`ERR_POOL_VALIDATE`), the pool is empty.
   *
   * @param options.handler Instead of what {@link setHandlerFunc} has set
   * @param options.signal Instead of what {@link setContext} has set
   */
  pool(
    options?: {
      signal?: AbortSignal | undefined;
      handler?: HandlerSource | undefined;
      logger?: PoolLogger | undefined;
    } | null,
  ): {
    pool: Pool;
    error?: PoolError;
  } {
    let read;
    try {
      read = readCallOptions(options, ['signal', 'handler', 'logger'], refusedOption);
    } catch (error) {
      return { pool: new Pool(), error: refused(error as ServerError) };
    }
    const { signal = this.signal, handler = this.handlers, logger } = read;
    const ofLogger = loggerFault({ logger });
    if (ofLogger) return { pool: new Pool(), error: refused(ofLogger) };
    const { tls, error: tlsFault } = readDefaultTls(this.#defaultTls);
    // Without any default, a server that is stored later and inherits would speak plain HTTP.
    const shared = { tls: tlsFault ? failing(tlsFault) : tls, logger };
    const ofSignal = signalFault({ signal });
    if (ofSignal) return { pool: new Pool(shared), error: refused(ofSignal) };
    const pool = new Pool({ ...shared, signal });
    try {
      pool.handler(handler);
    } catch (error) {
      return { pool, error: error as PoolError };
    }
    if (tlsFault) return { pool, error: refused(tlsFault) };
    const { registry } = pool;
    const { servers, error } = createServers(this.#list, { registry, tls, logger });
    pool.addAll(servers);
    if (error === undefined) return { pool };
    const { ERR_POOL_ADD } = PoolErrorCode;
    const headline = `${error.errors.length} servers could not be added to the pool`;
    return { pool, error: new PoolError(ERR_POOL_ADD, headline, error.errors) };
  }
}

function readHandlers(source: HandlerSource | undefined): {
  registry: HandlerRegistry;
  fault?: PoolError;
} {
  try {
    return { registry: new HandlerRegistry(source) };
  } catch (error) {
    return { registry: new HandlerRegistry(), fault: error as PoolError };
  }
}

function failing(fault: Error): () => never {
  return () => {
    throw fault;
  };
}

const nothingAdded = 'No server was added to the pool, what they share is not valid';

function refused(fault: ServerError): PoolError {
  return new PoolError(PoolErrorCode.ERR_POOL_VALIDATE, nothingAdded, [fault], { cause: fault });
}
