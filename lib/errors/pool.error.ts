import { oneLine } from './one-line.js';
import type { ServerError } from './server.error.js';

/** The codes of {@link PoolError}; each key is its own value. Part of the public API. */
export const PoolErrorCode = {
  /** A required argument is missing. */
  ERR_POOL_PARAM_EMPTY: 'ERR_POOL_PARAM_EMPTY',
  /** Servers could not be added. */
  ERR_POOL_ADD: 'ERR_POOL_ADD',
  /**
   * Configs, options, handlers or the default TLS are at fault, no server has a name that was given, or servers
   * failed their probation.
   */
  ERR_POOL_VALIDATE: 'ERR_POOL_VALIDATE',
  /** Servers could not be started. */
  ERR_POOL_START: 'ERR_POOL_START',
  /** Servers failed to close. */
  ERR_POOL_STOP: 'ERR_POOL_STOP',
  /** Servers could not be restarted. */
  ERR_POOL_RESTART: 'ERR_POOL_RESTART',
  /** The monitors of servers failed. */
  ERR_POOL_MONITOR: 'ERR_POOL_MONITOR',
} as const;

/** One of the codes of {@link PoolError}. */
export type PoolErrorCode = (typeof PoolErrorCode)[keyof typeof PoolErrorCode];

/** A fault of a group operation, with one {@link ServerError} for each server that failed. */
export class PoolError extends AggregateError {
  /** Why, as a stable code. */
  readonly code: PoolErrorCode;
  /** One error per server that failed. */
  declare readonly errors: ServerError[];

  /**
   * @param headline What failed, as a sentence without a colon; a line per failed server follows it
   *   in the message, or one for each fault.
   */
  constructor(
    code: PoolErrorCode,
    headline: string,
    errors: Iterable<ServerError> = [],
    options: { cause?: unknown; faults?: readonly string[] } = {},
  ) {
    const failed = [...errors];
    super(
      failed,
      compose(headline, options.faults ?? [], failed),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'PoolError';
    this.code = code;
  }
}

function compose(
  headline: string,
  faults: readonly string[],
  errors: readonly ServerError[],
): string {
  const lines = [...faults.map((fault) => `  - ${oneLine(fault)}`), ...errors.flatMap(linesOf)];
  return lines.length === 0 ? oneLine(headline) : [`${oneLine(headline)}:`, ...lines].join('\n');
}

function linesOf(error: ServerError): string[] {
  const [reason = '', ...rest] = error.message.split('\n');
  const bind = error.bind === undefined ? '' : ` (${error.bind})`;
  const server = error.server === undefined ? `server${bind}` : `${error.server}${bind}`;
  return [`  - ${oneLine(`${server}: ${reason}`)}`, ...rest.map((line) => `  ${oneLine(line)}`)];
}
