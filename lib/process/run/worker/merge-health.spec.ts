import { describe, expect, it } from '@jest/globals';
import type { Readiness } from '../../../management/whole/readiness.js';
import type { WholeHealth } from '../../../management/whole/whole.js';
import type { ServerHealth } from '../../../server/server-health.js';
import type { Said } from '../messages.js';
import { mergeHealth, mergeReadiness } from './merge-health.js';

let pid = 0;
const part = <T>(said: T): Said<T> => ({ pid: (pid += 1), generation: 1, said });
const ready = (status: ServerHealth['status'], reason?: string): Said<Readiness> =>
  part({
    status: 'pass',
    servers: [{ name: 'main', status, message: status === 'up' ? undefined : 'why' }],
    ...(reason && { reason }),
  });

describe('mergeReadiness', () => {
  it('passes where all pass', () => {
    expect(mergeReadiness([ready('up'), ready('up')], undefined)).toMatchObject({ status: 'pass' });
  });

  it('warns where one of several workers is down, and names it', () => {
    const { status, servers } = mergeReadiness([ready('up'), ready('down')], undefined);
    expect(status).toBe('warn');
    expect(servers[0]?.message).toMatch(/^worker \d+ is down: why$/);
  });

  it('fails where all are down, where all are closed, and where nobody answers', () => {
    const statuses = [
      mergeReadiness([ready('down'), ready('down')], undefined),
      mergeReadiness([ready('up', 'it is being closed')], undefined),
      mergeReadiness([], undefined),
      mergeReadiness([ready('up')], 'the application is being closed'),
    ].map(({ status }) => status);
    expect(statuses).toEqual(['fail', 'fail', 'fail', 'fail']);
  });

  it('leaves a worker that is being closed out, where others serve', () => {
    const closing = ready('down', 'it is being closed');
    expect(mergeReadiness([ready('up'), closing], undefined).status).toBe('pass');
  });
});

describe('mergeHealth', () => {
  const health = (status: ServerHealth['status']): Said<WholeHealth> => {
    const facts = { bind: ':80', expose: '', state: 'running', tls: false, uptime: 1 } as const;
    return part({ status: 'ok', info: {}, error: {}, details: { main: { ...facts, status } } });
  };

  it('is an error where a server is down in all workers, and degraded where it is in one', () => {
    expect(mergeHealth([health('down'), health('down')]).status).toBe('error');
    const one = mergeHealth([health('up'), health('down')]);
    expect([one.status, Object.keys(one.error)]).toEqual(['degraded', []]);
    expect(mergeHealth([health('up'), health('up')]).details['main']).toEqual(
      health('up').said.details['main'],
    );
  });
});
