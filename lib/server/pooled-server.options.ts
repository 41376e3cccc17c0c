import type { HandlerSource } from '../handler/handler.js';
import type { DefaultTls } from '../tls/default-tls.js';
import type { PoolLogger } from './log/pool-logger.js';

/** What a server is given besides its options. */
export interface PooledServerOptions {
  /** Its own handlers; a pool's are used where there are none. */
  handlers?: HandlerSource | undefined;
  /** The default TLS, for `tls.inheritDefault`. */
  tls?: DefaultTls | undefined;
  /** When it aborts, the server stops gracefully; from then on it can't be started. */
  signal?: AbortSignal | undefined;
  /** Where it logs; nothing is logged without. */
  logger?: PoolLogger | undefined;
}
