import {
  booleanOption,
  durationOption,
  readCallOptions,
  signalOption,
} from '../config/input/call-options.js';
import type { Duration } from '../config/duration.js';
import { describeValue } from '../config/redact.js';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';

const { ERR_POOL_ADD, ERR_POOL_RESTART, ERR_POOL_START, ERR_POOL_STOP, ERR_POOL_VALIDATE } =
  PoolErrorCode;

/** The options of {@link Pool.start}. */
export interface StartAllOptions {
  /** Aborted before: nothing starts. Aborted meanwhile: what this call has started stops again. */
  signal?: AbortSignal | undefined;
}

/** The options of {@link Pool.stop}. */
export interface StopAllOptions {
  /** When it aborts, what is left is cut. */
  signal?: AbortSignal | undefined;
  /** The grace, instead of each server's `shutdown.timeout`. */
  timeout?: Duration | undefined;
}

/** The options of {@link Pool.restart}. */
export interface RestartAllOptions {
  /** When it aborts, the servers whose turn has not come are left as they are. */
  signal?: AbortSignal | undefined;
  /** How many servers at a time, a whole number from 1, or `Infinity`; 1 unless told. */
  concurrency?: number | undefined;
}

/** The options of {@link Pool.clone}. */
export interface CloneOptions {
  /** When it aborts, the servers of the copy stop. */
  signal?: AbortSignal | undefined;
}

/** The options of {@link Pool.apply}. */
export interface ApplyOptions {
  /** Return the plan and change nothing. */
  dryRun?: boolean | undefined;
  /**
   * For so long every server that was changed or added must stay healthy; else the list before is put in
   * force again. None unless told.
   */
  probation?: Duration | undefined;
}

type Input<T> = T | null | undefined;

/** Makes the error of a call that could not be made for an option; nothing has happened. */
type Refuse = (key: string, fault: string) => PoolError;

/** @param outcome Such as «No server was started» */
function refusing(code: PoolErrorCode, outcome: string): Refuse {
  return (key, fault) => new PoolError(code, `${outcome}, ${key}: ${fault}`);
}

const refuseStart = refusing(ERR_POOL_START, 'No server was started');
const refuseStop = refusing(ERR_POOL_STOP, 'No server was stopped');
const refuseRestart = refusing(ERR_POOL_RESTART, 'No server was restarted');
const refuseClone = refusing(ERR_POOL_ADD, 'The pool was not copied');
const refuseApply = refusing(ERR_POOL_VALIDATE, 'Nothing was changed');

export function readStartOptions(input: Input<StartAllOptions>): { signal?: AbortSignal } {
  return { signal: signalOption(readCallOptions(input, ['signal'], refuseStart), refuseStart) };
}

/** @throws PoolError `ERR_POOL_STOP` for what is no duration and what is no signal */
export function readStopOptions(input: Input<StopAllOptions>): {
  signal?: AbortSignal;
  timeoutMs?: number;
} {
  const options = readCallOptions(input, ['signal', 'timeout'], refuseStop);
  const signal = signalOption(options, refuseStop);
  return { signal, timeoutMs: durationOption(options, 'timeout', refuseStop) };
}

/** @throws PoolError `ERR_POOL_RESTART` for a concurrency that is none and what is no signal */
export function readRestartOptions(input: Input<RestartAllOptions>): {
  signal?: AbortSignal;
  concurrency: number;
} {
  const options = readCallOptions(input, ['signal', 'concurrency'], refuseRestart);
  const signal = signalOption(options, refuseRestart);
  const concurrency: unknown = options.concurrency ?? 1;
  const isCount = Number.isSafeInteger(concurrency) && (concurrency as number) >= 1;
  if (isCount || concurrency === Infinity) return { signal, concurrency: concurrency as number };
  const right = 'a whole number from 1, or Infinity for all at once';
  throw refuseRestart('concurrency', `got ${describeValue(concurrency)}, give ${right}`);
}

export function readCloneOptions(input: Input<CloneOptions>): { signal?: AbortSignal } {
  return { signal: signalOption(readCallOptions(input, ['signal'], refuseClone), refuseClone) };
}

/** @throws PoolError `ERR_POOL_VALIDATE` for a probation that is no duration, and a `dryRun` that is no boolean */
export function readApplyOptions(input: Input<ApplyOptions>): {
  dryRun: boolean;
  probationMs?: number;
} {
  const options = readCallOptions(input, ['dryRun', 'probation'], refuseApply);
  const probationMs = durationOption(options, 'probation', refuseApply);
  return { dryRun: booleanOption(options, 'dryRun', refuseApply), probationMs };
}
