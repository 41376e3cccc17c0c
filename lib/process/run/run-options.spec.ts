import { availableParallelism } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { UsageError } from '../command.js';
import { readRunOptions } from './run-options.js';

describe('readRunOptions', () => {
  it('has defaults for all but the entry file', () => {
    expect(readRunOptions(['dist/main.js'], '/app/current')).toEqual({
      entry: '/app/current/dist/main.js',
      workers: 1,
      readyTimeoutMs: 60_000,
      stopTimeoutMs: undefined,
      pidFile: undefined,
      args: [],
    });
  });

  it('reads every option, and leaves to the application what follows --', () => {
    const own = ['--workers', 'max', '--ready-timeout=1m30s', '--stop-timeout', '250'];
    const args = [...own, 'main.js', '--pid-file', 'a.pid', '--', '--workers', 'x', '--'];
    expect(readRunOptions(args, '/app')).toEqual({
      entry: '/app/main.js',
      workers: availableParallelism(),
      readyTimeoutMs: 90_000,
      stopTimeoutMs: 250,
      pidFile: '/app/a.pid',
      args: ['--workers', 'x', '--'],
    });
  });

  it.each([
    [[], 'the entry file is missing'],
    [['--', 'main.js'], 'the entry file is missing'],
    [['a.js', 'b.js'], "'b.js' is one entry file too many"],
    [['a.js', '--workers', '0'], "--workers: got '0'"],
    [['a.js', '--workers', '1.5'], "--workers: got '1.5'"],
    [['a.js', '--workers'], 'workers'],
    [['a.js', '--worker', '2'], '--worker'],
    [['a.js', '--ready-timeout', 'soon'], "--ready-timeout: got 'soon'"],
    [['a.js', '--ready-timeout', '0'], '--ready-timeout'],
    [['a.js', '--stop-timeout', '5 s'], "--stop-timeout: got '5 s'"],
    [['a.js', '--pid-file', ''], '--pid-file'],
  ])('refuses %j', (args, message) => {
    expect(() => readRunOptions(args, '/')).toThrow(UsageError);
    expect(() => readRunOptions(args, '/')).toThrow(message);
  });
});
