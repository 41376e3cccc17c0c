import { createRequire } from 'node:module';
import { describe, expect, it, jest } from '@jest/globals';
import { filter, map, Observable } from 'rxjs';
import type { PooledServer } from '../../server/pooled-server.js';
import { PoolEvents } from './pool-events.js';

const { version } = createRequire(import.meta.url)('rxjs/package.json') as { version: string };
const server = { name: 'web', bind: '127.0.0.1:0', state: 'running' } as PooledServer;
const logger = { log: jest.fn(), warn: jest.fn(), error: jest.fn() };

describe(`rxjs ${version} still has, undocumented,`, () => {
  it('the way by which operators make one observable of another: observable.lift()', async () => {
    const events = new PoolEvents(logger);
    const types = events
      .of(() => true)
      .pipe(
        filter(({ type }) => type === 'added'),
        map(({ type }) => type),
      );
    expect(types.constructor.name).toBe('GuardedObservable');
    const told = new Promise<string>((resolve) => {
      types.subscribe((type) => {
        resolve(type);
        throw new Error('of a subscriber');
      });
    });
    events.tell(server, { type: 'added' });
    expect(await told).toBe('added');
    while (logger.error.mock.calls.length === 0) await new Promise(setImmediate);
    expect(logger.error.mock.calls[0]?.[0]).toContain('of a subscriber');
  });
});

it('says once that a version has no such way', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
  const lift = Object.getOwnPropertyDescriptor(Observable.prototype, 'lift')!;
  Reflect.deleteProperty(Observable.prototype, 'lift');
  try {
    const events = new PoolEvents(logger);
    for (let time = 0; time < 2; time += 1) events.of(() => true);
  } finally {
    Object.defineProperty(Observable.prototype, 'lift', lift);
  }
  expect(warn.mock.calls).toEqual([
    [expect.stringContaining('has no lift'), { code: 'HTTP_POOL_RXJS' }],
  ]);
  warn.mockRestore();
});
