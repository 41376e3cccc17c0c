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

  it('serves health, readiness and info on the management server only', async () => {
    const { open, management } = await running();
    const health = await ask(`${management}/health`);
    expect(health.status).toBe(200);
    expect(JSON.parse(health.body).info).toMatchObject({
      public: { status: 'up', expose: open },
      management: { status: 'up', expose: management },
    });
    expect(await text(`${management}/readyz?verbose`)).toBe('[+] public up\nok\n');
    expect(JSON.parse(await text(`${management}/servers`))).toMatchObject({ size: 2, running: 2 });
    expect(JSON.parse(await text(`${management}/info`))).toMatchObject({ node: process.version });
    for (const path of ['/livez', '/startupz', '/readyz', '/health', '/info', '/servers']) {
      expect((await ask(`${management}${path}`)).status).toBe(200);
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
    const ready = await ask(`${management}/readyz?verbose`);
    expect(ready).toMatchObject({
      status: 503,
      body: [
        '[-] the application is being closed',
        '[-] public down: it is draining and takes no new work',
        'fail',
        '',
      ].join('\n'),
    });
    expect((await ask(`${management}/livez`)).status).toBe(200);
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
