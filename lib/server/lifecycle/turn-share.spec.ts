import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { beginInTurn, turnShare } from './turn-share.js';

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
