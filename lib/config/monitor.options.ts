import type { Duration } from './duration.js';

/**
 * How a server is watched. Its status falls from up over degraded (`warn`) to down (`KO`) and rises
 * the same way, each step after a number of checks in a row.
 *
 * @see https://pkg.go.dev/github.com/nabbar/golib/monitor/types#Config
 */
export interface MonitorOptions {
  /**
   * The name of the monitor.
   *
   * @defaultValue the name of the server
   */
  name?: string;
  /**
   * The longest time of one check, from 1 ms.
   *
   * @defaultValue 5 s
   */
  checkTimeout?: Duration;
  /**
   * The time between checks while the status is steady, from 1 ms.
   *
   * @defaultValue 5 s
   */
  intervalCheck?: Duration;
  /**
   * The time between checks while the status falls, from 1 ms.
   *
   * @defaultValue 5 s
   */
  intervalFall?: Duration;
  /**
   * The time between checks while the status rises, from 1 ms.
   *
   * @defaultValue 5 s
   */
  intervalRise?: Duration;
  /**
   * How many failures in a row take it from degraded to down, from 1.
   *
   * @defaultValue 1
   */
  fallCountKO?: number;
  /**
   * How many failures in a row take it from up to degraded, from 1.
   *
   * @defaultValue 2
   */
  fallCountWarn?: number;
  /**
   * How many successes in a row take it from down to degraded, from 1.
   *
   * @defaultValue 1
   */
  riseCountKO?: number;
  /**
   * How many successes in a row take it from degraded to up, from 1.
   *
   * @defaultValue 2
   */
  riseCountWarn?: number;
  /**
   * The path of an HTTP probe, such as `/health`.
   *
   * @defaultValue none: the probe is a TCP connect
   */
  path?: string;
  /** Anything, handed through to the report. Plain objects and lists in it are copied. */
  data?: unknown;
}
