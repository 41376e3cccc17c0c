import { describe, expect, it } from '@jest/globals';
import { StartPhase } from './start-phase.js';

describe('StartPhase', () => {
  it('is pending until a start is over, and again after a stop', () => {
    const phase = new StartPhase();
    expect(phase.pending).toBe('the pool is not started');
    const attempt = phase.begin();
    expect(phase.pending).toBe('the pool is starting');
    expect(attempt.over()).toBe(true);
    expect([phase.pending, phase.unready]).toEqual([undefined, undefined]);
    phase.reset();
    expect(phase.pending).toBe('the pool is not started');
  });

  it('is pending after a start that failed', () => {
    const phase = new StartPhase();
    expect(phase.begin().failed()).toBe(true);
    expect(phase.pending).toBe('the pool is not started');
  });

  it('is not pending again while the rest of a started pool is started', () => {
    const phase = new StartPhase();
    phase.begin().over();
    const attempt = phase.begin();
    expect(phase.pending).toBeUndefined();
    expect(attempt.failed()).toBe(false);
    expect(phase.pending).toBeUndefined();
  });

  it('hears nothing of a start that was overtaken by a stop', () => {
    const phase = new StartPhase();
    const overtaken = phase.begin();
    phase.reset();
    const next = phase.begin();
    expect(overtaken.over()).toBe(false);
    expect(phase.pending).toBe('the pool is starting');
    expect(next.over()).toBe(true);
  });

  it('is unready for good once the application shuts down, though the start is over', () => {
    const phase = new StartPhase();
    phase.begin().over();
    phase.close();
    phase.reset();
    phase.begin().over();
    expect([phase.pending, phase.unready]).toEqual([undefined, 'the application is being closed']);
  });
});
