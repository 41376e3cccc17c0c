import { createRequire } from 'node:module';
import { describe, expect, it, jest } from '@jest/globals';
import { Registry } from 'prom-client';
import type { MetricsSource } from '../metrics-source.js';
import { PrometheusSink } from './prometheus-sink.js';

const { version } = createRequire(import.meta.url)('prom-client/package.json') as {
  version: string;
};

const source = (reset: () => void): MetricsSource => ({
  samples: () => [{ labels: { server: 'api' }, value: 3 }],
  histograms: () => [{ labels: { server: 'api' }, sum: 1, count: 2, buckets: [2] }],
  reset,
});

describe(`prom-client ${version} still has, undocumented,`, () => {
  it('registries that take any object with a name, get() and reset()', async () => {
    const registry = new Registry();
    const reset = jest.fn();
    const remove = new PrometheusSink(registry, [1]).add(source(reset));
    const text = await registry.metrics();
    expect(text).toContain('http_pool_connections_accepted_total{server="api"} 3');
    expect(text).toContain('http_server_request_duration_seconds_bucket{le="1",server="api"} 2');
    registry.resetMetrics();
    expect(reset).toHaveBeenCalled();
    remove();
    expect(await registry.metrics()).not.toContain('http_pool');
  });
});

it('says once that a registry keeps something else than it was given', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
  const registry = {
    getSingleMetric: () => undefined,
    registerMetric: () => undefined,
    removeSingleMetric: () => undefined,
  };
  new PrometheusSink(registry as never, [1]).add(source(() => undefined));
  expect(warn.mock.calls).toEqual([
    [expect.stringContaining('does not keep the metrics'), { code: 'HTTP_POOL_PROM_CLIENT' }],
  ]);
  warn.mockRestore();
});
