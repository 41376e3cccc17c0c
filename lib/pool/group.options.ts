import { isSignal, notASignal } from '../config/input/abort-signal.js';
import { readCallOptions } from '../config/input/call-options.js';
import { notADuration, parseDuration, type Duration } from '../config/duration.js';
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

/** What a call could not be made for; nothing has happened. */
interface Refusal {
  readonly code: PoolErrorCode;
  /** Such as «No server was started». */
  readonly outcome: string;
}

type Input<T> = T | null | undefined;

export function readStartOptions(input: Input<StartAllOptions>): { signal?: AbortSignal } {
  const refusal = { code: ERR_POOL_START, outcome: 'No server was started' };
  return { signal: signalOf(read(input, ['signal'], refusal), refusal) };
}

/** @throws PoolError `ERR_POOL_STOP` for what is no duration and what is no signal */
export function readStopOptions(input: Input<StopAllOptions>): {
  signal?: AbortSignal;
  timeoutMs?: number;
} {
  const refusal = { code: ERR_POOL_STOP, outcome: 'No server was stopped' };
  const options = read(input, ['signal', 'timeout'], refusal);
  const { timeout } = options;
  const signal = signalOf(options, refusal);
  if (timeout === undefined) return { signal };
  const timeoutMs = parseDuration(timeout);
  if (timeoutMs === undefined) throw refused(refusal, `timeout: ${notADuration(timeout)}`);
  return { signal, timeoutMs };
}

/** @throws PoolError `ERR_POOL_RESTART` for a concurrency that is none and what is no signal */
export function readRestartOptions(input: Input<RestartAllOptions>): {
  signal?: AbortSignal;
  concurrency: number;
} {
  const refusal = { code: ERR_POOL_RESTART, outcome: 'No server was restarted' };
  const options = read(input, ['signal', 'concurrency'], refusal);
  const signal = signalOf(options, refusal);
  const concurrency: unknown = options.concurrency ?? 1;
  const isCount = Number.isSafeInteger(concurrency) && (concurrency as number) >= 1;
  if (isCount || concurrency === Infinity) return { signal, concurrency: concurrency as number };
  const got = describeValue(concurrency);
  const right = 'a whole number from 1, or Infinity for all at once';
  throw refused(refusal, `concurrency: got ${got}, give ${right}`);
}

export function readCloneOptions(input: Input<CloneOptions>): { signal?: AbortSignal } {
  const refusal = { code: ERR_POOL_ADD, outcome: 'The pool was not copied' };
  return { signal: signalOf(read(input, ['signal'], refusal), refusal) };
}

/** @throws PoolError `ERR_POOL_VALIDATE` for a probation that is no duration */
export function readApplyOptions(input: Input<ApplyOptions>): {
  dryRun: boolean;
  probationMs?: number;
} {
  const refusal = { code: ERR_POOL_VALIDATE, outcome: 'Nothing was changed' };
  const options = read(input, ['dryRun', 'probation'], refusal);
  const dryRun = options.dryRun === true;
  const { probation } = options;
  if (probation === undefined) return { dryRun };
  const probationMs = parseDuration(probation);
  if (probationMs === undefined) throw refused(refusal, `probation: ${notADuration(probation)}`);
  return { dryRun, probationMs };
}

function signalOf(
  { signal }: { readonly signal: unknown },
  refusal: Refusal,
): AbortSignal | undefined {
  if (signal === undefined || isSignal(signal)) return signal;
  throw refused(refusal, `signal: ${notASignal(signal)}`);
}

function read<T extends object, K extends keyof T & string>(
  input: Input<T>,
  keys: readonly K[],
  refusal: Refusal,
): ReturnType<typeof readCallOptions<T, K>> {
  if (input !== undefined && input !== null && typeof input !== 'object') {
    throw refused(refusal, `options: got ${describeValue(input)}, give an object`);
  }
  return readCallOptions(input, keys, (key, fault) => refused(refusal, `${key}: ${fault}`));
}

function refused({ code, outcome }: Refusal, fault: string): PoolError {
  return new PoolError(code, `${outcome}, ${fault}`);
}
