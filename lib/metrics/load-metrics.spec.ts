import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { loadMetrics } from './load-metrics.js';

const registry = new Registry();
const installed = () => Promise.resolve({ register: registry });
const missing = () =>
  Promise.reject(
    Object.assign(new Error("Cannot find package 'prom-client' imported from here"), {
      code: 'ERR_MODULE_NOT_FOUND',
    }),
  );
const broken = () => Promise.reject(new Error('out of order'));
const never = () => Promise.reject(new Error('prom-client was loaded'));

describe('loadMetrics', () => {
  it.each([
    { option: false, hasManagement: true },
    { option: undefined, hasManagement: false },
  ])('loads nothing when they are off: %j', async (wish) => {
    expect(await loadMetrics(wish, never)).toBeUndefined();
  });

  it('has them with a management server where prom-client is installed', async () => {
    const wish = { option: undefined, hasManagement: true };
    expect(await loadMetrics(wish, installed)).toMatchObject({ registry, isDefault: true });
    expect(await loadMetrics(wish, missing)).toBeUndefined();
    await expect(loadMetrics(wish, broken)).rejects.toThrow('out of order');
  });

  it('says what to install when they were asked for', async () => {
    const loading = loadMetrics({ option: true, hasManagement: false }, missing);
    await expect(loading).rejects.toThrow('npm install prom-client');
  });

  it('loads nothing for a registry that is given, or for a meter alone', async () => {
    const meter = {} as never;
    const given = { option: { registry }, hasManagement: true };
    expect(await loadMetrics(given, never)).toMatchObject({ registry, meter: undefined });
    const metered = { option: { meter }, hasManagement: true };
    expect(await loadMetrics(metered, never)).toMatchObject({ meter, registry: undefined });
  });
});
