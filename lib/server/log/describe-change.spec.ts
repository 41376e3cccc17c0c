import { describe, expect, it } from '@jest/globals';
import { noneCut } from '../drain/cut.js';
import { describeChange } from './describe-change.js';
import type { DrainReport, ServerChange } from '../server-state.js';

const report: DrainReport = {
  server: 'web',
  finished: 3,
  cut: noneCut(),
  timedOut: false,
  durationMs: 12.34,
};

describe('describeChange', () => {
  it.each<[Partial<ServerChange>, string, string]>([
    [{ type: 'state', state: 'running' }, 'log', 'running'],
    [{ type: 'restart', state: 'running' }, 'log', 'restarted'],
    [{ type: 'config', state: 'running', kind: 'rebind' }, 'log', 'config changed (rebind)'],
    [
      { type: 'state', state: 'failed', error: new Error('the port is taken') },
      'error',
      'failed: the port is taken',
    ],
    [{ type: 'state', state: 'stopped', report }, 'log', 'stopped (3 requests finished in 12 ms)'],
    [
      {
        type: 'state',
        state: 'stopped',
        report: { ...report, timedOut: true, cut: { ...noneCut(), http1: 2, upgraded: 1 } },
      },
      'warn',
      'stopped (3 requests finished in 12 ms, the grace ran out: cut 2 http1, 1 upgraded)',
    ],
    [{ type: 'health', state: 'running', status: 'up' }, 'log', 'health up'],
    [
      { type: 'health', state: 'running', status: 'down', message: 'no answer' },
      'warn',
      'health down: no answer',
    ],
  ])('says %j', (change, level, text) => {
    const line = describeChange({ previous: 'running', ...change } as ServerChange, {
      server: 'web',
      at: '[::]:80',
    });
    expect(line).toEqual({ level, text: `web ([::]:80): ${text}` });
  });
});

it('says where a server runs, and as what it is exposed', () => {
  const running: ServerChange = { type: 'state', state: 'running', previous: 'starting' };
  const say = (more: object): string =>
    describeChange(running, { server: 'web', at: '127.0.0.1:80', ...more }).text;
  expect(say({})).toBe('web (127.0.0.1:80): running');
  expect(say({ url: 'http://127.0.0.1:80' })).toBe(
    'web (127.0.0.1:80): running on http://127.0.0.1:80',
  );
  expect(say({ url: 'http://127.0.0.1:80', expose: 'https://a.test' })).toBe(
    'web (127.0.0.1:80): running on http://127.0.0.1:80, exposed as https://a.test',
  );
});
