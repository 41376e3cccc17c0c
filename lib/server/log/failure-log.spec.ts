import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FailureLog } from './failure-log.js';

describe('the log of failures', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  const write = (log: FailureLog, count: number): (string | undefined)[] =>
    Array.from({ length: count }, () => log.next());

  it('takes ten at once, and one more a second', () => {
    const log = new FailureLog();
    expect(write(log, 12)).toEqual([...Array<string>(10).fill(''), undefined, undefined]);
    jest.advanceTimersByTime(1000);
    expect(write(log, 2)).toEqual([' (2 more failures were not logged)', undefined]);
  });

  it('gains no more than ten by silence', () => {
    const log = new FailureLog();
    jest.advanceTimersByTime(3_600_000);
    expect(write(log, 11).at(-1)).toBeUndefined();
  });

  it('tells once what was left out', () => {
    const log = new FailureLog();
    write(log, 11);
    expect(log.takeLeftOut()).toBe('1 more failure was not logged');
    expect(log.takeLeftOut()).toBeUndefined();
  });
});
