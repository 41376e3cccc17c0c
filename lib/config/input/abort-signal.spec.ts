import { describe, expect, it } from '@jest/globals';
import { ForeignSignal } from '../../../test/support/foreign-signal.js';
import { anySignal, isSignal } from './abort-signal.js';

describe('isSignal', () => {
  it('takes signals of Node and of others', () => {
    expect([new AbortController().signal, ForeignSignal.make()].map(isSignal)).toEqual([
      true,
      true,
    ]);
  });

  it.each([undefined, null, 5, 'aborted', {}, new AbortController()])('refuses %p', (value) => {
    expect(isSignal(value)).toBe(false);
  });
});

describe('anySignal', () => {
  it('aborts with the reason of a signal that is not of Node', () => {
    const [other, { signal }] = [ForeignSignal.make(), new AbortController()];
    const any = anySignal([other, signal]);
    expect(any.aborted).toBe(false);
    other.abort('enough');
    expect([any.aborted, any.reason]).toEqual([true, 'enough']);
  });

  it('has aborted where such a signal had', () => {
    const other = ForeignSignal.make();
    other.abort('early');
    expect(anySignal([other]).reason).toBe('early');
  });

  it("aborts with Node's own", () => {
    const controller = new AbortController();
    const any = anySignal([ForeignSignal.make(), controller.signal]);
    controller.abort('over');
    expect(any.reason).toBe('over');
  });
});
