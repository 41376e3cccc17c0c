import { readCallOptions, refusedOption } from '../config/input/call-options.js';
import type { HandlerSource } from '../handler/handler.js';
import type { DefaultTls } from '../tls/default-tls.js';
import type { PoolLogger } from './log/pool-logger.js';
import { checkedLogger } from './log/read-logger.js';
import { checkedSignal } from './read-signal.js';

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

/** @throws ServerError `ERR_SERVER_VALIDATE` for what can't be read, and what is no signal or no logger */
export function readPooledServerOptions(
  options: PooledServerOptions | null | undefined,
): PooledServerOptions {
  const keys = ['handlers', 'tls', 'signal', 'logger'] as const;
  const read = readCallOptions(options, keys, refusedOption);
  return { ...read, signal: checkedSignal(read.signal), logger: checkedLogger(read.logger) };
}
