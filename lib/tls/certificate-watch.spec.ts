import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CertificateWatch } from './certificate-watch.js';
import type { TlsMaterial } from './tls-material.js';

const hours = (count: number): number => count * 3_600_000;
const days = (count: number): number => hours(24 * count);

describe('CertificateWatch', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  const watching = (endsIn: number, chosenIn = Infinity) => {
    const now = Date.now();
    const certificate = {
      names: ['a.test'],
      keyType: 'ec',
      notBefore: now,
      notAfter: now + endsIn,
    };
    const material = {
      certificates: [certificate],
      chosenUntil: now + chosenIn,
      watchedFiles: [],
      expiryWarningMs: days(14),
    } as unknown as TlsMaterial;
    const told: (string | undefined)[] = [];
    const reloadTls = jest.fn(async () => undefined);
    const watch = new CertificateWatch({
      reloadTls,
      concernChanged: () => told.push(watch.concern?.split(' on ')[0]),
    });
    watch.watch(material);
    return { watch, told, reloadTls };
  };
  const near = 'the certificate of a.test expires';
  const over = 'the certificate of a.test expired';

  it('tells when the end of a certificate is near, and when it has come, once', () => {
    const { watch, told } = watching(days(60));
    jest.advanceTimersByTime(days(46) - 1);
    expect(told).toEqual([]);
    jest.advanceTimersByTime(hours(1));
    expect(told).toEqual([near]);
    jest.advanceTimersByTime(days(30));
    expect(told).toEqual([near, over]);
    watch.stop();
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each([
    ['near', days(50), near],
    ['over', days(70), over],
  ])('tells within an hour when the clock is set to where it is %s', (_what, by, expected) => {
    const { watch, told } = watching(days(60));
    jest.setSystemTime(Date.now() + by);
    jest.advanceTimersByTime(hours(1));
    expect(told).toEqual([expected]);
    watch.stop();
  });

  it('tries again what could not be loaded, until it can', async () => {
    const { watch, told, reloadTls } = watching(days(60), hours(1));
    reloadTls.mockRejectedValueOnce(new Error('no descriptor'));
    reloadTls.mockRejectedValueOnce(new Error('no descriptor'));
    await jest.advanceTimersByTimeAsync(hours(1) + 1);
    expect(told).toEqual(['no descriptor']);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(reloadTls).toHaveBeenCalledTimes(2);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(reloadTls).toHaveBeenCalledTimes(3);
    expect(told).toEqual(['no descriptor', undefined]);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(reloadTls).toHaveBeenCalledTimes(3);
    watch.stop();
    expect(jest.getTimerCount()).toBe(0);
  });

  const overdue = 'its certificates are to be read anew, and could not be within 10000 ms';

  it('tells that what is to be loaded does not come, until it does', async () => {
    const { watch, told, reloadTls } = watching(days(60), hours(1));
    let come: (() => void) | undefined;
    reloadTls.mockImplementationOnce(
      () => new Promise((resolve) => (come = () => resolve(undefined))),
    );
    await jest.advanceTimersByTimeAsync(hours(1) + 9_999);
    expect(told).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(told).toEqual([overdue]);
    come?.();
    await jest.advanceTimersByTimeAsync(0);
    expect(told).toEqual([overdue, undefined]);
    watch.stop();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('tells nothing of what has not come when it is stopped', async () => {
    const { watch, told, reloadTls } = watching(days(60), hours(1));
    reloadTls.mockReturnValueOnce(new Promise(() => undefined));
    await jest.advanceTimersByTimeAsync(hours(1) + 1);
    expect(reloadTls).toHaveBeenCalledTimes(1);
    watch.stop();
    expect(jest.getTimerCount()).toBe(0);
    expect(told).toEqual([]);
  });

  it('tries nothing again once it is stopped', async () => {
    const { watch, reloadTls } = watching(days(60), hours(1));
    reloadTls.mockRejectedValueOnce(new Error('no descriptor'));
    await jest.advanceTimersByTimeAsync(hours(1) + 1);
    watch.stop();
    await jest.advanceTimersByTimeAsync(hours(1));
    expect(reloadTls).toHaveBeenCalledTimes(1);
  });

  it('has another certificate chosen within an hour when the clock is set to where it is valid', () => {
    const { watch, reloadTls } = watching(days(60), days(30));
    jest.setSystemTime(Date.now() + days(31));
    expect(reloadTls).not.toHaveBeenCalled();
    jest.advanceTimersByTime(hours(1));
    expect(reloadTls).toHaveBeenCalledTimes(1);
    watch.stop();
  });
});
