import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../command.js';
import { readDurationArgument } from '../duration-argument.js';

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

/** As they are written on the command line. */
export const DEFAULTS = { workers: '1', 'ready-timeout': '60s' } as const;

const optionTypes = {
  workers: { type: 'string', default: DEFAULTS.workers },
  'ready-timeout': { type: 'string', default: DEFAULTS['ready-timeout'] },
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
  const times = readTimes(values);
  const pidFile = values['pid-file'];
  if (pidFile === '') throw new UsageError('--pid-file: give a path');
  return {
    entry: resolve(cwd, entry),
    workers: workersOf(values.workers),
    ...times,
    pidFile: pidFile === undefined ? undefined : resolve(cwd, pidFile),
    args: all.slice(end + 1),
  };
}

type Values = ReturnType<typeof parse>['values'];

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: optionTypes, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function workersOf(value: string): number {
  if (value === 'max') return availableParallelism();
  if (/^[1-9]\d{0,3}$/.test(value)) return Number(value);
  throw new UsageError(`--workers: got '${value}', give a whole number from 1, or max`);
}

function readTimes(values: Values): Pick<RunOptions, 'readyTimeoutMs' | 'stopTimeoutMs'> {
  const faults: string[] = [];
  const { 'ready-timeout': ready, 'stop-timeout': stop } = values;
  const times = {
    readyTimeoutMs: readDurationArgument('--ready-timeout', ready, faults, { aboveZero: true }),
    stopTimeoutMs:
      stop === undefined ? undefined : readDurationArgument('--stop-timeout', stop, faults),
  };
  if (faults.length > 0) throw new UsageError(faults.join('; '));
  return times;
}
