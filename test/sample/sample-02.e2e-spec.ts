import { describe, expect, it } from '@jest/globals';
import { ask, text } from '../support/http-client.js';
import { HalfSentRequest } from './support/half-sent-request.js';
import { Sample } from './support/sample.js';

describe('sample 02, a management server', () => {
  const sample = new Sample('02-management-server', {
    PUBLIC_LISTEN: '127.0.0.1:0',
    MANAGEMENT_LISTEN: '127.0.0.1:0',
  });

  const running = async () => {
    const { child, urls } = await sample.serve();
    return { child, urls, open: urls.public!, management: urls.management! };
  };

  it('serves the public API on the public server only', async () => {
    const { open, management } = await running();
    expect(await text(`${open}/greeting/ann`)).toBe('{"greeting":"Hello, ann"}');
    expect((await ask(`${management}/greeting/ann`)).status).toBe(404);
  });

  it('serves health, metrics and info on the management server only', async () => {
    const { urls, open, management } = await running();
    const health = await ask(`${management}/health`);
    expect(health.status).toBe(200);
    expect(JSON.parse(health.body).info).toMatchObject({
      public: { status: 'up', expose: open },
      management: { status: 'up', expose: management },
    });
    const metrics = await text(`${management}/metrics`);
    expect(metrics).toMatch(/^process_cpu_seconds_total /m);
    expect(metrics).toMatch(/^http_server_up\{server="public"\} 1$/m);
    expect(metrics).toMatch(/^http_server_requests_in_flight\{server="management"\} 1$/m);
    expect(JSON.parse(await text(`${management}/info`))).toMatchObject({
      node: process.version,
      servers: urls,
    });
    for (const path of ['/health', '/metrics', '/info']) {
      expect((await ask(`${open}${path}`)).status).toBe(404);
    }
  });

  it('tells of the drain on the management server, then exits with 0, on Ctrl-C', async () => {
    const { child, open, management } = await running();
    const request = await HalfSentRequest.send(open, 'GET /greeting/bob', '{}');
    sample.opened.onClose(() => request.close());
    child.interrupt();
    await child.until(/public \(.*\): draining/);
    const health = await ask(`${management}/health`);
    expect(health.status).toBe(503);
    expect(JSON.parse(health.body)).toMatchObject({
      error: { public: { status: 'down', state: 'draining' } },
      info: { management: { status: 'up' } },
    });
    const metrics = await text(`${management}/metrics`);
    expect(metrics).toMatch(/^http_server_up\{server="public"\} 0$/m);
    expect(metrics).toMatch(/^http_server_requests_in_flight\{server="public"\} 1$/m);
    expect(await request.answer('Hello, bob')).toMatch(/^HTTP\/1\.1 200 /m);
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });

  sample.itEndsOnTakenPort('management', 'MANAGEMENT_LISTEN');

  it('ends with 1 and names the fault of a wrong address, without a stack', async () => {
    const child = sample.run({ PUBLIC_LISTEN: 'nowhere' });
    expect(await child.exited).toEqual({ code: 1, signal: null });
    expect(child.output).toContain(`servers[0].listen: 'nowhere' has no port`);
    expect(child.output).not.toMatch(/^ +at /m);
  });
});
