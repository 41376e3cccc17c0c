import { describe, expect, it } from '@jest/globals';
import { readDurationArgument } from './duration-argument.js';

const read = (text: string, options?: { aboveZero: boolean }): [number, string[]] => {
  const faults: string[] = [];
  return [readDurationArgument('--for', text, faults, options), faults];
};

describe('readDurationArgument', () => {
  it.each([
    ['250', 250],
    ['500ms', 500],
    ['1.5s', 1500],
    ['1m30s', 90_000],
    ['0', 0],
  ])('reads %j', (text, ms) => {
    expect(read(text)).toEqual([ms, []]);
  });

  it.each(['', 'soon', '5 s', '-1', '1.5', '99999999999'])('refuses %j', (text) => {
    const fault = `--for: got '${text}', give a duration such as 500ms, 30s or 1m30s`;
    expect(read(text)).toEqual([0, [fault]]);
  });

  it('refuses 0 where there must be some time', () => {
    expect(read('1', { aboveZero: true })).toEqual([1, []]);
    expect(read('0s', { aboveZero: true })).toEqual([0, ["--for: must be above 0, got '0s'"]]);
  });
});
