import { readFile } from 'node:fs/promises';
import { PoolError, PoolErrorCode } from '../../errors/pool.error.js';
import { findJsonFault } from './json-fault.js';
import { describeValue } from '../redact.js';
import type { ServerOptions } from '../server.config.js';

/**
 * Reads a JSON file that holds a list of server configs, for {@link Pool.apply} or `forRootAsync`,
 * which then tell what of the configs is not valid.
 *
 * @param path Of a file in UTF-8; from the working directory when it is not absolute
 * @throws PoolError `ERR_POOL_VALIDATE` naming the file and why it can't be read; for a fault of its
 *   JSON with the line and the column. No text of the file is shown, it may hold keys.
 * @see docs/reload.md
 */
export async function readServersFile(path: string): Promise<ServerOptions[]> {
  const text = await readText(path);
  const list = await parse(path, text);
  if (Array.isArray(list)) return list as ServerOptions[];
  throw refused(`${path} holds ${describeValue(list)}, give a list of server options`);
}

async function parse(path: string, text: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch {
    const { line, column, message } = await findJsonFault(text);
    throw refused(`${path}:${line}:${column} is no valid JSON: ${message}`);
  }
}

async function readText(path: string): Promise<string> {
  try {
    // Editors of Windows begin a file with a byte order mark, which is no JSON.
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw refused(`${path} cannot be read, ${reasons[code ?? ''] ?? message}`, cause);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder, give the path of a file',
};

function refused(message: string, cause?: unknown): PoolError {
  return new PoolError(PoolErrorCode.ERR_POOL_VALIDATE, message, [], { cause });
}
