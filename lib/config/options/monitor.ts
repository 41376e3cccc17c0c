import 'reflect-metadata';
import type { Duration } from '../duration.js';
import { IsDuration } from '../rules/duration.rules.js';
import type { MonitorOptions } from '../monitor.options.js';
import { IsAnything } from '../rules/nested.rules.js';
import { IsText, IsWhole } from '../rules/value.rules.js';

/** {@link MonitorOptions} with its rules. An interval of 0 would check without a pause. */
export class MonitorConfig implements MonitorOptions {
  @IsText({ give: 'the name of the monitor' })
  name?: string;

  @IsDuration({ minMs: 1 })
  checkTimeout?: Duration;

  @IsDuration({ minMs: 1 })
  intervalCheck?: Duration;

  @IsDuration({ minMs: 1 })
  intervalFall?: Duration;

  @IsDuration({ minMs: 1 })
  intervalRise?: Duration;

  @IsWhole({ min: 1 })
  fallCountKO?: number;

  @IsWhole({ min: 1 })
  fallCountWarn?: number;

  @IsWhole({ min: 1 })
  riseCountKO?: number;

  @IsWhole({ min: 1 })
  riseCountWarn?: number;

  @IsText({ match: /^\/[^\s#]*$/, give: "a path that starts with a slash, such as '/health'" })
  path?: string;

  @IsAnything()
  data?: unknown;
}
