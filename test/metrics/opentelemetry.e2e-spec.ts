import { afterEach, describe, expect, it } from '@jest/globals';
import { AggregationTemporality } from '@opentelemetry/sdk-metrics';
import { Registry } from 'prom-client';
import { Opened } from '../nest/support/adapters.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { ask } from '../support/http-client.js';
import { collecting } from './support/collecting.js';
import { COUNT } from './support/exposition.js';
import { measured } from './support/measured.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const options = {
  servers: [{ name: 'api', listen: LOOPBACK }],
  handlers: () => ({ default: says('hello') }),
};

interface Point {
  readonly attributes: Record<string, unknown>;
  readonly value: any;
}

function meterOf(temporality?: AggregationTemporality) {
  const { exporter, provider } = collecting(temporality);
  opened.add(provider, (one) => one.shutdown());
  const points = async (name: string): Promise<Point[]> => {
    exporter.reset();
    await provider.forceFlush();
    const all = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
    const found = all
      .flatMap(({ metrics }) => metrics)
      .filter((one) => one.descriptor.name === name);
    return found.flatMap(({ dataPoints }) => dataPoints as Point[]);
  };
  return { meter: provider.getMeter('test'), points, exporter };
}

describe('the metrics of OpenTelemetry', () => {
  it('have the official names and attributes', async () => {
    const { meter, points } = meterOf();
    const it_ = await measured(opened, { ...options, metrics: { meter } });
    await ask(it_.url('api'));
    let found = await points('http.server.request.duration');
    while (found.length === 0) found = await points('http.server.request.duration');
    expect(found).toHaveLength(1);
    expect(found[0]?.attributes).toEqual({
      server: 'api',
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'url.scheme': 'http',
      'network.protocol.version': '1.1',
    });
    expect(found[0]?.value.count).toBe(1);
    expect(found[0]?.value.buckets.boundaries[0]).toBe(0.005);
    expect(await points('http.server.active_requests')).toMatchObject([
      {
        attributes: { server: 'api', 'http.request.method': 'GET', 'url.scheme': 'http' },
        value: 0,
      },
    ]);
    expect(await points('http.pool.connections.accepted')).toMatchObject([
      { attributes: { server: 'api' }, value: 1 },
    ]);
    expect(await points('http.pool.server.uptime')).toHaveLength(1);
    expect(await it_.registry.metrics()).toBe('\n');
  });

  it('leave with the server and with the application', async () => {
    // Of a cumulative export the SDK repeats what is told no more.
    const { meter, points } = meterOf(AggregationTemporality.DELTA);
    const it_ = await measured(opened, { ...options, metrics: { meter } });
    expect(await points('http.pool.server.up')).toMatchObject([{ value: 1 }]);
    await it_.pool.clean();
    expect(await points('http.pool.server.up')).toEqual([]);
    expect(await points('http.pool.config.applies')).toHaveLength(3);
    await it_.app.close();
    expect(await points('http.pool.config.applies')).toEqual([]);
  });

  it('are there beside those of prom-client', async () => {
    const { meter, points } = meterOf();
    const registry = new Registry();
    const it_ = await measured(opened, { ...options, metrics: { meter, registry } }, registry);
    await ask(it_.url('api'));
    await it_.until((one) => one.value(COUNT) === 1);
    expect((await points('http.server.request.duration'))[0]?.value.count).toBe(1);
  });
});
