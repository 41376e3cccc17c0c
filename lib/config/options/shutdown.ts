import 'reflect-metadata';
import type { Duration } from '../duration.js';
import { IsDuration } from '../rules/duration.rules.js';
import type { ShutdownOptions } from '../lifecycle.options.js';
import { IsFlag } from '../rules/value.rules.js';

/** {@link ShutdownOptions} with its rules. */
export class ShutdownConfig implements ShutdownOptions {
  @IsDuration()
  delay?: Duration;

  @IsDuration()
  timeout?: Duration;

  @IsFlag()
  last?: boolean;
}
