import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { loadMetrics } from './load-metrics.js';

const registry = new Registry();
const installed = () => Promise.resolve({ register: registry });
const missing = () =>
  failing('ERR_MODULE_NOT_FOUND', "Cannot find package 'prom-client' from here");
const missingByRequire = () => failing('MODULE_NOT_FOUND', "Cannot find module 'prom-client'");
const broken = () => Promise.reject(new Error('out of order'));
const never = () => Promise.reject(new Error('prom-client was loaded'));

function failing(code: string, message: string): Promise<never> {
  return Promise.reject(Object.assign(new Error(message), { code }));
}

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
    expect(await loadMetrics(wish, missingByRequire)).toBeUndefined();
    const lacking = () => failing('MODULE_NOT_FOUND', "Cannot find module 'tdigest'");
    await expect(loadMetrics(wish, lacking)).rejects.toThrow('tdigest');
    await expect(loadMetrics(wish, broken)).rejects.toThrow('out of order');
  });

  it.each([
    ['import', missing],
    ['require', missingByRequire],
  ])('says what to install when they were asked for, and %s finds nothing', async (_by, load) => {
    const loading = loadMetrics({ option: true, hasManagement: false }, load);
    await expect(loading).rejects.toThrow('npm install prom-client');
  });

  it('loads nothing for a registry that is given, or for a meter alone', async () => {
    const meter = {} as never;
    const input = { option: { registry }, hasManagement: true };
    expect(await loadMetrics(input, never)).toMatchObject({ registry, meter: undefined });
    const metered = { option: { meter }, hasManagement: true };
    expect(await loadMetrics(metered, never)).toMatchObject({ meter, registry: undefined });
  });
});
