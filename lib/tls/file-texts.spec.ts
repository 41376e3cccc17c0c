import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { stampOf, type FileStamp } from './file-digests.js';
import { beginChange, knownText, rememberText } from './file-texts.js';

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

it('has a file looked at once in a turn and for one change', async () => {
  jest.useRealTimers();
  const folder = await mkdtemp(join(tmpdir(), 'pool-'));
  const path = join(folder, 'a.pem');
  const { stamp: before } = written(path, 'one');
  expect(written(path, 'the second').stamp).toBe(before);
  beginChange();
  const changed = stampOf(path)?.stamp;
  expect(changed).not.toBe(before);
  expect(written(path, 'a third').stamp).toBe(changed);
  await turn();
  expect(stampOf(path)?.stamp).not.toBe(changed);
  await rm(folder, { recursive: true });
});

function written(path: string, text: string): FileStamp {
  writeFileSync(path, text);
  return stampOf(path) as FileStamp;
}
