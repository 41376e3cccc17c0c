import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { Grace } from './grace.js';

const hour = 3_600_000;

/** It may have aborted before a busy machine comes to look at it. */
async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}

describe('Grace', () => {
  it('ends after its time', async () => {
    const grace = new Grace();
    grace.endWithin(hour);
    expect(grace.signal.aborted).toBe(false);
    grace.endWithin(50);
    await aborted(grace.signal);
    expect(grace.delaySignal.aborted).toBe(false);
  });

  it('ends at once without any time', () => {
    const grace = new Grace();
    grace.endWithin(0);
    expect(grace.signal.aborted).toBe(true);
  });

  it('is shortened', async () => {
    const grace = new Grace();
    grace.endWithin(hour);
    grace.endWithin(50);
    await aborted(grace.signal);
    expect(grace.signal.aborted).toBe(true);
  });

  it('is never lengthened', async () => {
    const grace = new Grace();
    grace.endWithin(50);
    grace.endWithin(hour);
    await aborted(grace.signal);
    expect(grace.signal.aborted).toBe(true);
  });

  it('ends the delay, and itself within the time given, when it is hurried', async () => {
    const grace = new Grace();
    grace.endWithin(hour);
    grace.hurry(50);
    expect(grace.delaySignal.aborted).toBe(true);
    await aborted(grace.signal);
  });

  it('can be hurried before it has begun', () => {
    const grace = new Grace();
    grace.hurry(0);
    grace.endWithin(hour);
    expect(grace.signal.aborted).toBe(true);
  });

  it('does not end while it has been given no time', () => {
    const before = timers();
    const grace = new Grace();
    expect(grace.signal.aborted).toBe(false);
    // A timer of infinity would end it in a millisecond.
    expect(timers()).toBe(before);
  });

  it('has a timer once its end is waited for, and leaves none when it is cleared', () => {
    const before = timers();
    const grace = new Grace();
    grace.endWithin(hour);
    expect(timers()).toBe(before);
    expect(grace.signal.aborted).toBe(false);
    expect(timers()).toBe(before + 1);
    grace.clear();
    expect(timers()).toBe(before);
    expect(grace.isOver(performance.now())).toBe(false);
  });

  it('is over when nobody waits for its end, too', () => {
    const grace = new Grace();
    grace.endWithin(hour);
    expect(grace.isOver(performance.now())).toBe(false);
    grace.hurry(0);
    expect(grace.isOver(performance.now())).toBe(true);
  });
});
