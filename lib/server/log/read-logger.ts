import { refusedOption } from '../../config/input/call-options.js';
import { describeValue } from '../../config/redact.js';
import type { ServerError } from '../../errors/server.error.js';
import type { PoolLogger } from './pool-logger.js';

/**
 * What is wrong with the logger of some options, if anything. What its methods do when they are called is another
 * matter: then its lines are lost, and the process is warned.
 */
export function loggerFault({ logger }: { logger?: unknown }): ServerError | undefined {
  if (logger === undefined || logger === null || isLogger(logger)) return undefined;
  const fault = `got ${describeValue(logger)}, give an object with log, warn and error`;
  return refusedOption('logger', `${fault}, or leave it out to log nothing`);
}

/** @throws ServerError `ERR_SERVER_VALIDATE` for what is none */
export function checkedLogger(logger: PoolLogger | undefined): PoolLogger | undefined {
  const fault = loggerFault({ logger });
  if (fault) throw fault;
  return logger;
}

/** Its methods are not looked at: those of a proxy, or of one that is made when it is asked for, come later. */
function isLogger(value: unknown): boolean {
  return typeof value === 'object' || typeof value === 'function';
}
