import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { beginInTurn, inShares, turnShare } from './turn-share.js';

describe('the share of a turn of the event loop', () => {
  it('lets a few begin at once, and the others in their order in later turns', async () => {
    const began: number[] = [];
    const many = 1000;
    for (let each = 0; each < many; each += 1) beginInTurn(() => began.push(each));
    const atOnce = began.length;
    expect(atOnce).toBeGreaterThan(0);
    expect(atOnce).toBeLessThan(many);
    while (began.length < many) await nextTurn();
    expect(began).toEqual(Array.from({ length: many }, (_, each) => each));
  });

  it('lets the loop turn between those that take long', async () => {
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const work = async (): Promise<void> => {
      await turnShare();
      const end = performance.now() + 1;
      while (performance.now() < end);
    };
    await Promise.all(Array.from({ length: 80 }, work));
    isOver = true;
    expect(turns).toBeGreaterThan(8);
  });

  it('is there again when all have begun', async () => {
    await Promise.all(Array.from({ length: 100 }, turnShare));
    await nextTurn();
    await nextTurn();
    let began = false;
    beginInTurn(() => (began = true));
    expect(began).toBe(true);
  });
});

describe('work that is done in shares', () => {
  const busyFor = (ms: number): void => {
    const end = performance.now() + ms;
    while (performance.now() < end);
  };
  function* steps(count: number, ms: number, done: number[]) {
    for (let each = 0; each < count; each += 1) {
      busyFor(ms);
      done.push(each);
      yield;
    }
    return 'all';
  }

  it('does a few steps at once, however long they take', async () => {
    const done: number[] = [];
    const result = inShares(steps(10, 1, done));
    expect(done).toHaveLength(10);
    expect(await result).toBe('all');
  });

  it('lets the loop turn between many', async () => {
    const done: number[] = [];
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    expect(await inShares(steps(60, 1, done))).toBe('all');
    isOver = true;
    expect(done).toHaveLength(60);
    expect(turns).toBeGreaterThan(20);
  });

  it('rejects with what a step throws', async () => {
    function* failing() {
      for (let each = 0; each < 40; each += 1) {
        busyFor(0.1);
        yield;
      }
      throw new Error('no');
    }
    await expect(inShares(failing())).rejects.toThrow('no');
  });
});
