import 'reflect-metadata';
import { toMs, type Duration } from '../duration.js';
import { IsDuration } from '../rules/duration.rules.js';
import { IsWhole } from '../rules/value.rules.js';
import { orDefaults } from './or-defaults.js';

/** How slow a client may be. */
export class MinRateConfig {
  /** The least, in bytes a second; 0 is none. */
  @IsWhole({ min: 0, required: true })
  bytesPerSecond!: number;

  /**
   * For how long a client may be slower; from 1 ms.
   *
   * @defaultValue 5 s
   */
  @IsDuration({ minMs: 1 })
  grace?: Duration | undefined;
}

/** A number stands for bytes a second, with the grace of the defaults. */
type MinRate = number | MinRateConfig;

export interface MinRateSettings {
  readonly bytesPerSecond: number;
  readonly graceMs: number;
}

/** The least that clients must send and read; undefined: any is right. */
export interface RateSettings {
  readonly request: MinRateSettings | undefined;
  readonly response: MinRateSettings | undefined;
}

/** The default of the grace, in ms. */
const MIN_RATE_DEFAULTS = Object.freeze({ graceMs: 5000 });

const NO_RATES: RateSettings = Object.freeze({ request: undefined, response: undefined });

/** Whether a number is a rate by itself. */
export function isPlainRate(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function resolveRates(options: {
  readonly minRequestRate?: MinRate | undefined;
  readonly minResponseRate?: MinRate | undefined;
}): RateSettings {
  const request = resolveRate(options.minRequestRate);
  const response = resolveRate(options.minResponseRate);
  return orDefaults(NO_RATES, { request, response });
}

function resolveRate(rate: MinRate | undefined): MinRateSettings | undefined {
  if (rate === undefined) return undefined;
  const { bytesPerSecond, grace } = typeof rate === 'number' ? { bytesPerSecond: rate } : rate;
  if (bytesPerSecond === 0) return undefined;
  return Object.freeze({ bytesPerSecond, graceMs: toMs(grace, MIN_RATE_DEFAULTS.graceMs) });
}
