import 'reflect-metadata';
import { parseDuration, type Duration } from '../duration.js';
import { IsDuration } from '../rules/duration.rules.js';
import type { RestartOptions } from '../lifecycle.options.js';
import { describeValue } from '../redact.js';
import { rule } from '../rules/rule.js';
import { IsWhole } from '../rules/value.rules.js';

/** {@link RestartOptions} with its rules. A delay of 0 would restart in a busy loop. */
export class RestartConfig implements RestartOptions {
  @IsWhole({ min: 0, infinite: true })
  retries?: number;

  @IsDuration({ minMs: 1 })
  delay?: Duration;

  @IsDuration({ minMs: 1 })
  @IsNotBelowDelay()
  maxDelay?: Duration;
}

function IsNotBelowDelay(): PropertyDecorator {
  return rule('isNotBelowDelay', (value, siblings) => {
    const { delay } = siblings as RestartOptions;
    const [max, min] = [parseDuration(value), parseDuration(delay)];
    if (max === undefined || min === undefined || max >= min) return [];
    return [{ text: `got ${describeValue(value)}, give a duration not below delay, ${min} ms` }];
  });
}
