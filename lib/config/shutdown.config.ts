import 'reflect-metadata';
import type { Duration } from './duration.js';
import { IsDuration } from './is-duration.js';
import type { ShutdownOptions } from './lifecycle.options.js';
import { IsFlag } from './value.rules.js';

/** {@link ShutdownOptions} with its rules. */
export class ShutdownConfig implements ShutdownOptions {
  @IsDuration()
  delay?: Duration;

  @IsDuration()
  timeout?: Duration;

  @IsFlag()
  last?: boolean;
}
