import { describe, expect, it } from '@jest/globals';
import { byThePiece, TransferRate, type LeastRate } from './transfer-rate.js';

const least = { bytesPerSecond: 1000, forMs: 400 };

/** Whether it is below at each look, a tenth of a second apart, of what comes in between. */
function looks(...pieces: number[]): boolean[] {
  return looksAt(least, pieces);
}

function looksAt(rates: LeastRate, pieces: readonly number[]): boolean[] {
  const rate = new TransferRate();
  let bytes = 0;
  return [0, ...pieces].map((piece, count) => {
    bytes += piece;
    return rate.isBelow(rates, { at: count * 100, bytes });
  });
}

describe('TransferRate', () => {
  it('is below when too little has come for all of the time', () => {
    expect(looks(0, 0, 0, 0)).toEqual([false, false, false, false, true]);
    expect(looks(99, 99, 99, 99)).toEqual([false, false, false, false, true]);
  });

  it('is not below at the least, however unevenly it comes', () => {
    expect(looks(100, 100, 100, 100, 100)).not.toContain(true);
    expect(looks(0, 0, 0, 400, 0, 0, 0, 400)).not.toContain(true);
  });

  it('gives no credit for what came before', () => {
    expect(looks(1_000_000, 0, 0, 0, 0).at(-1)).toBe(true);
  });

  it('begins anew when it was reset, or not asked for long', () => {
    const rate = new TransferRate();
    for (const at of [0, 100, 200, 300]) rate.isBelow(least, { at, bytes: 0 });
    rate.reset();
    expect(rate.isBelow(least, { at: 400, bytes: 0 })).toBe(false);
    for (const at of [500, 600, 700]) rate.isBelow(least, { at, bytes: 0 });
    expect(rate.isBelow(least, { at: 950, bytes: 0 })).toBe(false);
  });

  it('by the piece, is below for nobody who may have been fast enough, and for who takes nothing', () => {
    const piece = 2000;
    /** Of who takes so many bytes in each tenth of a second, told when a piece is whole. */
    const known = (each: number): number[] => {
      const whole = (at: number): number => Math.floor((at * each) / piece) * piece;
      return Array.from({ length: 200 }, (_, at) => whole(at + 1) - whole(at));
    };
    expect(looksAt(least, known(101))).toContain(true);
    for (const each of [101, 150, 1000, 3000]) {
      expect(looksAt(byThePiece(least, piece), known(each))).not.toContain(true);
    }
    // The grace, and as long again as the piece may take.
    expect(looksAt(byThePiece(least, piece), known(0)).indexOf(true)).toBe(24);
    expect(looksAt(byThePiece(least, piece), known(50))).toContain(true);
  });
});
