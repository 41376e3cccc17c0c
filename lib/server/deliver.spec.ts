import { describe, expect, it } from '@jest/globals';
import { deliver, delivered } from './deliver.js';

const busyFor = (ms: number): void => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

describe('what is told to loggers and subscribers', () => {
  it('is told when the code that has caused it is through, and in order', async () => {
    const told: string[] = [];
    deliver(() => {
      told.push('first');
      deliver(() => told.push('third'));
    });
    deliver(() => told.push('second'));
    expect(told).toEqual([]);
    await Promise.resolve();
    expect(told).toEqual(['first', 'second', 'third']);
  });

  it('is told at once where it is little, however long that takes', async () => {
    let told = 0;
    for (let each = 0; each < 20; each += 1) {
      deliver(() => {
        busyFor(1);
        told += 1;
      });
    }
    await Promise.resolve();
    expect(told).toBe(20);
  });

  it('lets the loop turn between what is much, and keeps the order', async () => {
    const many = 400;
    const told: number[] = [];
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (turns === 1) deliver(() => told.push(many));
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    for (let each = 0; each < many; each += 1) {
      deliver(() => {
        busyFor(0.1);
        told.push(each);
      });
    }
    await delivered();
    expect(told.length).toBeGreaterThanOrEqual(many);
    isOver = true;
    await delivered();
    expect(told).toEqual(Array.from({ length: many + 1 }, (_, each) => each));
    expect(turns).toBeGreaterThan(3);
  });
});
