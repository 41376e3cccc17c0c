import { readTlsOptions, type ReadTlsResult } from '../config/input/read-tls-options.js';
import type { TlsOptions } from '../config/options/tls.js';
import { ServerError, ServerErrorCode } from '../errors/server.error.js';

/** A pool's default TLS: options, or a function that returns them, now or later. */
export type DefaultTls = TlsOptions | (() => TlsOptions | Promise<TlsOptions>);

/** A default TLS that is valid as far as it can be told, or why it is not. */
interface ReadDefaultTls {
  readonly tls?: DefaultTls;
  /** `ERR_SERVER_VALIDATE` with every fault. */
  readonly error?: ServerError;
}

const PATH = 'default tls';

/**
 * Validates a default TLS where it is given, once for all servers that may inherit it. A function
 * is asked at each start, and what it answers is read by {@link readDefaultAnswer}.
 */
export function readDefaultTls(input: DefaultTls | undefined): ReadDefaultTls {
  if (input === undefined || typeof input === 'function') return { tls: input };
  const { tls, issues } = readTlsOptions(input, {
    path: PATH,
    give: 'TLS options or a function that returns them',
  });
  if (tls) return { tls };
  const message = 'The default TLS is not valid:';
  return { error: new ServerError(ServerErrorCode.ERR_SERVER_VALIDATE, message, { issues }) };
}

/** Validates what the function of a default TLS answered. */
export function readDefaultAnswer(answer: unknown): ReadTlsResult {
  return readTlsOptions(answer, { path: PATH, give: 'TLS options as the answer of its function' });
}
