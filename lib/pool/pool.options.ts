import type { ServerOptions } from '../config/server.config.js';
import type { HandlerSource } from '../handler/handler.js';
import type { PoolLogger } from '../server/log/pool-logger.js';
import type { PooledServer } from '../server/pooled-server.js';
import type { DefaultTls } from '../tls/default-tls.js';

/** What a pool is given. */
export interface PoolOptions {
  /** The handlers that `handlerKey` picks from. */
  handlers?: HandlerSource | undefined;
  /** The default TLS, for servers with `tls.inheritDefault`. */
  tls?: DefaultTls | undefined;
  /** When it aborts, every server stops gracefully; from then on none can be started. */
  signal?: AbortSignal | undefined;
  /** Where the pool and its servers log; nothing is logged without. */
  logger?: PoolLogger | undefined;
  /** Folded into every config that the pool reads, before it is validated. */
  defaults?: Partial<ServerOptions> | undefined;
  /** Servers to begin with. */
  servers?: readonly (PooledServer | null | undefined)[] | null | undefined;
}
