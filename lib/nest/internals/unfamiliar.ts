import { Logger } from '@nestjs/common';
import { LOG_CONTEXT } from '../../http-pool.constants.js';
import { logTo } from '../../server/log/guarded-logger.js';

const said = new Set<string>();

/**
 * Says once that a host is not built as these files know it: something will be missing on servers
 * with controllers of their own, and without a word nobody would look for it here.
 *
 * @param host The package, and the versions that its file was read from
 * @param missing What was looked for
 */
export function sayUnfamiliar(host: string, missing: string): void {
  const text =
    `This version of ${host} has no ${missing} where it was looked for. What an application sets up there ` +
    'does not hold on servers with controllers of their own; please report it to nestjs-http-pool';
  if (said.has(text)) return;
  said.add(text);
  logTo(new Logger(LOG_CONTEXT), 'error', text);
}
