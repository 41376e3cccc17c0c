import { describe, expect, it } from '@jest/globals';
import { gate } from '../../../test/support/events.js';
import { TransitionQueue } from './transition-queue.js';

describe('TransitionQueue', () => {
  it('runs within the turn of the caller when nothing is under way', async () => {
    const queue = new TransitionQueue();
    let began = false;
    const done = queue.run('start', async () => {
      began = true;
    });
    expect([began, queue.busy]).toEqual([true, true]);
    await done;
  });

  it('runs one after the other, in the order of the calls', async () => {
    const queue = new TransitionQueue();
    const seen: string[] = [];
    const [first, second] = [gate(), gate()];
    const work = [
      queue.run('start', async () => {
        seen.push('start');
        await first.opened;
        seen.push('started');
      }),
      queue.run('stop', async () => {
        seen.push('stop');
        await second.opened;
        seen.push('stopped');
      }),
    ];
    second.open();
    first.open();
    await Promise.all(work);
    expect(seen).toEqual(['start', 'started', 'stop', 'stopped']);
  });

  it('goes on after a failure, which only its caller sees', async () => {
    const queue = new TransitionQueue();
    const failed = queue.run('start', () => Promise.reject(new Error('no')));
    const next = queue.run('stop', async () => 'done');
    await expect(failed).rejects.toThrow('no');
    await expect(next).resolves.toBe('done');
  });

  it.each<[string, () => Promise<void>]>([
    ['is done', () => Promise.resolve()],
    ['has failed', () => Promise.reject(new Error('no'))],
    [
      'has thrown',
      () => {
        throw new Error('no');
      },
    ],
  ])('begins the next call behind all who await one that %s', async (_how, work) => {
    const queue = new TransitionQueue((begin) => begin());
    const seen: string[] = [];
    void queue.run('start', async () => undefined);
    const stop = queue.run('stop', work);
    const next = queue.run('start', async () => void seen.push('next'));
    for (const each of ['one', 'two']) {
      const note = (): void => void seen.push(each);
      stop.then(note, note);
    }
    await next;
    expect(seen).toEqual(['one', 'two', 'next']);
  });

  it('rejects a call that throws at once, however many wait for their turn', async () => {
    const many = 100;
    const calls = Array.from({ length: many }, (_, each) =>
      new TransitionQueue().run('start', () => {
        if (each % 2 === 0) throw new Error('no');
        return Promise.resolve();
      }),
    );
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(many / 2);
  });

  it('tells the pending call of the kind that came last', async () => {
    const queue = new TransitionQueue();
    expect(queue.pending('start')).toBeUndefined();
    const start = queue.run('start', async () => 1);
    expect(queue.pending('start')).toBe(start);
    expect(queue.pending('stop')).toBeUndefined();
    const stop = queue.run('stop', async () => 2);
    expect(queue.pending('start')).toBeUndefined();
    expect(queue.pending('stop')).toBe(stop);
    await Promise.all([start, stop]);
  });

  it('forgets what has settled, and is idle again', async () => {
    const queue = new TransitionQueue();
    await queue.run('start', async () => undefined);
    // The queue learns of the end in the turn after its caller.
    await Promise.resolve();
    expect(queue.pending('start')).toBeUndefined();
    expect(queue.busy).toBe(false);
  });
});
