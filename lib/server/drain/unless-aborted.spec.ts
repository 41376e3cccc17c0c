import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { unlessAborted } from './unless-aborted.js';

describe('unlessAborted', () => {
  it('has the outcome of the work while nothing aborts', async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(Promise.resolve(1), signal)).toBe(1);
    await expect(unlessAborted(Promise.reject(new Error('bad')), signal)).rejects.toThrow('bad');
    expect(await unlessAborted(Promise.resolve(1), undefined)).toBe(1);
  });

  it('leaves nothing on the signal when the work is done', async () => {
    const { signal } = new AbortController();
    const outcome = unlessAborted(Promise.resolve(1), signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await outcome;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it.each(['before', 'while'])('rejects with the reason of an abort %s it works', async (when) => {
    const controller = new AbortController();
    const reason = new Error('no more');
    if (when === 'before') controller.abort(reason);
    const outcome = unlessAborted(new Promise(() => undefined), controller.signal);
    controller.abort(reason);
    await expect(outcome).rejects.toBe(reason);
  });

  it.each(['before', 'while'])(
    'leaves no rejection unheard when aborted %s the work that then fails',
    async (when) => {
      const unheard: unknown[] = [];
      const onUnheard = (error: unknown): void => void unheard.push(error);
      process.on('unhandledRejection', onUnheard);
      const controller = new AbortController();
      if (when === 'before') controller.abort();
      let fail: (error: Error) => void = () => undefined;
      const work = new Promise((_, reject) => (fail = reject));
      const outcome = unlessAborted(work, controller.signal).catch(() => undefined);
      controller.abort();
      await outcome;
      fail(new Error('too late'));
      await new Promise(setImmediate);
      process.off('unhandledRejection', onUnheard);
      expect(unheard).toEqual([]);
    },
  );
});
