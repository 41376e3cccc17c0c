import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { knownText, rememberText } from './file-texts.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

it('forgets what was read of a file, whatever is read of others', () => {
  const found = { stamp: 'of a file', changedMs: 0 };
  rememberText('/one', found, 'a key');
  jest.advanceTimersByTime(3000);
  rememberText('/other', found, 'another');
  expect(knownText('/one', found)).toBe('a key');
  jest.advanceTimersByTime(3000);
  expect(knownText('/one', found)).toBeUndefined();
  expect(knownText('/other', found)).toBe('another');
});

it('keeps what was read of a file last, when what was read before is forgotten', () => {
  const found = { stamp: 'of a file', changedMs: 0 };
  rememberText('/one', found, 'a key');
  jest.advanceTimersByTime(3000);
  rememberText('/one', found, 'a renewed one');
  jest.advanceTimersByTime(3000);
  expect(knownText('/one', found)).toBe('a renewed one');
});
