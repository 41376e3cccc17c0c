import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseDuration } from '../../config/duration.js';
import { UsageError } from '../command.js';

export interface RunOptions {
  /** The entry file, as an absolute path in which links are kept: `current` may point elsewhere later. */
  readonly entry: string;
  readonly workers: number;
  readonly readyTimeoutMs: number;
  readonly stopTimeoutMs: number | undefined;
  readonly pidFile: string | undefined;
  /** The application's own. */
  readonly args: readonly string[];
}

const defaultReadyTimeoutMs = 60_000;

const optionTypes = {
  workers: { type: 'string' },
  'ready-timeout': { type: 'string' },
  'stop-timeout': { type: 'string' },
  'pid-file': { type: 'string' },
} as const;

/**
 * @param cwd What relative paths are relative to
 * @throws {UsageError} which says what is wrong
 */
export function readRunOptions(all: readonly string[], cwd: string): RunOptions {
  const end = all.includes('--') ? all.indexOf('--') : all.length;
  const { values, positionals } = parse(all.slice(0, end));
  const [entry, ...others] = positionals;
  if (!entry) throw new UsageError('the entry file is missing');
  if (others.length > 0) {
    throw new UsageError(
      `'${others[0]}' is one entry file too many; arguments of the application follow '--'`,
    );
  }
  const readyTimeoutMs = duration(values, 'ready-timeout') ?? defaultReadyTimeoutMs;
  if (readyTimeoutMs === 0) throw new UsageError('--ready-timeout: nothing is ready in no time');
  const pidFile = values['pid-file'];
  if (pidFile === '') throw new UsageError('--pid-file: give a path');
  return {
    entry: resolve(cwd, entry),
    workers: workersOf(values.workers),
    readyTimeoutMs,
    stopTimeoutMs: duration(values, 'stop-timeout'),
    pidFile: pidFile === undefined ? undefined : resolve(cwd, pidFile),
    args: all.slice(end + 1),
  };
}

type Values = { [Name in keyof typeof optionTypes]?: string };

function parse(args: readonly string[]): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options: optionTypes, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function workersOf(value: string | undefined): number {
  if (value === undefined) return 1;
  if (value === 'max') return availableParallelism();
  if (/^[1-9]\d{0,3}$/.test(value)) return Number(value);
  throw new UsageError(`--workers: got '${value}', give a whole number from 1, or max`);
}

function duration(values: Values, name: 'ready-timeout' | 'stop-timeout'): number | undefined {
  const value = values[name];
  if (value === undefined) return undefined;
  const ms = parseDuration(/^\d+$/.test(value) ? Number(value) : value);
  if (ms !== undefined) return ms;
  throw new UsageError(`--${name}: got '${value}', give a duration such as 500ms, 30s or 1m30s`);
}
