import { describe, expect, it } from '@jest/globals';
import type { SupervisionSettings } from '../config/options/restart.js';
import { RestartOnDown } from './restart-on-down.js';

describe('RestartOnDown', () => {
  const settings: SupervisionSettings = { retries: 3, delayMs: 10, maxDelayMs: 15, onDown: true };

  const outcomes = (
    by: SupervisionSettings | undefined,
    checks: [number, 'up' | 'degraded' | 'down'][],
  ) => {
    const restarts = new RestartOnDown();
    return checks.map(([at, status]) => restarts.after(status, by, at));
  };

  it('restarts at once, and then after a time that doubles up to the longest', () => {
    const found = outcomes(settings, [
      [0, 'down'],
      [9, 'down'],
      [10, 'down'],
      [24, 'down'],
      [25, 'down'],
    ]);
    expect(found).toEqual(['restart', undefined, 'restart', undefined, 'restart']);
  });

  it('gives up when the retries are used up, says so once, and begins anew after it was up', () => {
    const found = outcomes({ ...settings, retries: 1 }, [
      [0, 'down'],
      [20, 'down'],
      [40, 'down'],
      [60, 'degraded'],
      [80, 'down'],
      [100, 'up'],
      [120, 'down'],
    ]);
    const none = undefined;
    expect(found).toEqual(['restart', 'give-up', none, none, none, none, 'restart']);
  });

  it('goes on for ever with endless retries', () => {
    const endless = { ...settings, retries: Infinity };
    const checks = Array.from({ length: 2000 }, (_, at) => [at * 15, 'down'] as [number, 'down']);
    expect(new Set(outcomes(endless, checks))).toEqual(new Set(['restart']));
  });

  it.each([
    ['the config has no restart', undefined],
    ['onDown is not set', { ...settings, onDown: false }],
    ['the server is not down', settings],
  ])('does nothing when %s', (why, by) => {
    const status = why.includes('not down') ? 'degraded' : 'down';
    expect(
      outcomes(by, [
        [0, status],
        [100, status],
      ]),
    ).toEqual([undefined, undefined]);
  });
});
