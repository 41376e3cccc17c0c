import type { Duration } from './duration.js';

/** How a server stops. */
export interface ShutdownOptions {
  /**
   * How long it goes on serving, not ready any more, before it drains: the time a load balancer
   * needs to notice.
   *
   * @defaultValue 0
   */
  delay?: Duration;
  /**
   * The grace for requests in flight; what is left after it is cut.
   *
   * @defaultValue 5 s
   */
  timeout?: Duration;
  /**
   * Whether it stops after all others, as a management server does.
   *
   * @defaultValue false
   */
  last?: boolean;
}

/** The supervised restart after a crash of the listener, with exponential backoff. */
export interface RestartOptions {
  /**
   * How many attempts in a row before it stays failed, from 0; `Infinity` is allowed.
   *
   * @defaultValue 10
   */
  retries?: number;
  /**
   * The time before the first attempt, from 1 ms; it doubles with each one.
   *
   * @defaultValue 100 ms
   */
  delay?: Duration;
  /**
   * The longest time between attempts; not below `delay`.
   *
   * @defaultValue 30 s
   */
  maxDelay?: Duration;
}
