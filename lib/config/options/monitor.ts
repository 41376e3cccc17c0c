import 'reflect-metadata';
import type { FieldsOf } from '../fields-of.js';
import { toMs, type Duration } from '../duration.js';
import { IsDuration } from '../rules/duration.rules.js';
import { IsAnything } from '../rules/nested.rules.js';
import { IsText, IsWhole } from '../rules/value.rules.js';

/**
 * How a server is watched. Its status falls from up over degraded (`warn`) to down (`KO`) and rises
 * the same way, each step after a number of checks in a row. An interval of 0 would check without a
 * pause.
 *
 * @see https://pkg.go.dev/github.com/nabbar/golib/monitor/types#Config
 */
export class MonitorConfig {
  /**
   * The name of the monitor.
   *
   * @defaultValue made from the name and the bind address of the server
   */
  @IsText({ give: 'the name of the monitor' })
  name?: string | undefined;

  /**
   * The longest time of one check, from 1 ms.
   *
   * @defaultValue 5 s
   */
  @IsDuration({ minMs: 1 })
  checkTimeout?: Duration | undefined;

  /**
   * The time between checks while the status is steady, from 1 ms.
   *
   * @defaultValue 5 s
   */
  @IsDuration({ minMs: 1 })
  intervalCheck?: Duration | undefined;

  /**
   * The time between checks while the status falls, from 1 ms.
   *
   * @defaultValue 5 s
   */
  @IsDuration({ minMs: 1 })
  intervalFall?: Duration | undefined;

  /**
   * The time between checks while the status rises, from 1 ms.
   *
   * @defaultValue 5 s
   */
  @IsDuration({ minMs: 1 })
  intervalRise?: Duration | undefined;

  /**
   * How many failures in a row take it from degraded to down, from 1.
   *
   * @defaultValue 1
   */
  @IsWhole({ min: 1 })
  fallCountKO?: number | undefined;

  /**
   * How many failures in a row take it from up to degraded, from 1.
   *
   * @defaultValue 2
   */
  @IsWhole({ min: 1 })
  fallCountWarn?: number | undefined;

  /**
   * How many successes in a row take it from down to degraded, from 1.
   *
   * @defaultValue 1
   */
  @IsWhole({ min: 1 })
  riseCountKO?: number | undefined;

  /**
   * How many successes in a row take it from degraded to up, from 1.
   *
   * @defaultValue 2
   */
  @IsWhole({ min: 1 })
  riseCountWarn?: number | undefined;

  /**
   * The path of an HTTP probe, such as `/health`; of printable ASCII, and the rest percent-encoded.
   *
   * @defaultValue none: the probe is a TCP connect
   */
  @IsText({
    match: /^\/[!"$-~]*$/,
    give: "a path that starts with a slash, percent-encoded, such as '/health'",
  })
  path?: string | undefined;

  /** Anything, handed through to the report. Plain objects and lists in it are copied. */
  @IsAnything()
  data?: unknown;
}

/** How a server is watched. */
export type MonitorOptions = FieldsOf<MonitorConfig>;

export interface MonitorSettings {
  /** Whether the config has a `monitor` of its own. */
  readonly configured: boolean;
  /** As given; {@link monitorNameOf} has the name of a server that gives none. */
  readonly name?: string | undefined;
  readonly checkTimeoutMs: number;
  readonly intervalCheckMs: number;
  readonly intervalFallMs: number;
  readonly intervalRiseMs: number;
  readonly fallCountKO: number;
  readonly fallCountWarn: number;
  readonly riseCountKO: number;
  readonly riseCountWarn: number;
  readonly path?: string | undefined;
  readonly data?: unknown;
}

/**
 * The defaults of the monitor, as in the original: one failure makes a degraded server down, two
 * make a healthy one degraded; rising is symmetric.
 */
const MONITOR_DEFAULTS = Object.freeze({
  checkTimeoutMs: 5000,
  intervalCheckMs: 5000,
  intervalFallMs: 5000,
  intervalRiseMs: 5000,
  fallCountKO: 1,
  fallCountWarn: 2,
  riseCountKO: 1,
  riseCountWarn: 2,
});

const unmonitored: MonitorSettings = Object.freeze({ ...MONITOR_DEFAULTS, configured: false });

export function resolveMonitor(monitor: MonitorConfig | undefined): MonitorSettings {
  if (monitor === undefined) return unmonitored;
  const own = MONITOR_DEFAULTS;
  return Object.freeze({
    configured: true,
    name: monitor.name,
    checkTimeoutMs: toMs(monitor.checkTimeout, own.checkTimeoutMs),
    intervalCheckMs: toMs(monitor.intervalCheck, own.intervalCheckMs),
    intervalFallMs: toMs(monitor.intervalFall, own.intervalFallMs),
    intervalRiseMs: toMs(monitor.intervalRise, own.intervalRiseMs),
    fallCountKO: monitor.fallCountKO ?? own.fallCountKO,
    fallCountWarn: monitor.fallCountWarn ?? own.fallCountWarn,
    riseCountKO: monitor.riseCountKO ?? own.riseCountKO,
    riseCountWarn: monitor.riseCountWarn ?? own.riseCountWarn,
    path: monitor.path,
    data: monitor.data,
  });
}

/** The name of the monitor of a server: the config's, or one made from its name and bind address. */
export function monitorNameOf(
  { name: configured }: MonitorSettings,
  { name, bind }: { readonly name: string; readonly bind: string },
): string {
  return configured ?? `HTTP Server ${name} [${bind}]`;
}
