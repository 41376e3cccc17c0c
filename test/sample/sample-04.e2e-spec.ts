import { describe, expect, it } from '@jest/globals';
import { ask, text } from '../support/http-client.js';
import { HalfSentRequest } from './support/half-sent-request.js';
import { Sample } from './support/sample.js';

describe('sample 04, on Fastify', () => {
  const sample = new Sample('04-fastify', {
    PUBLIC_LISTEN: '127.0.0.1:0',
    ADMIN_LISTEN: '127.0.0.1:0',
  });

  const running = async () => {
    const { child, urls } = await sample.serve();
    const [open, admin] = [urls.public!, urls.admin!];
    const post = (note: unknown) =>
      ask(`${open}/notes`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(note),
      });
    return { child, open, admin, post };
  };

  it('validates what the public server is sent', async () => {
    const { post } = await running();
    expect(await post({ text: 'milk' })).toMatchObject({ status: 201, body: '["milk"]' });
    const refused = await post({ text: '', price: 3 });
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.body).message).toEqual([
      'property price should not exist',
      'text should not be empty',
    ]);
  });

  it('serves one path by two controllers, of which one has a hook, with one service', async () => {
    const { open, admin, post } = await running();
    await post({ text: 'milk' });
    const counted = await ask(`${admin}/notes`);
    expect(counted.body).toBe('{"count":1}');
    expect(counted.headers['cache-control']).toBe('no-store');
    expect((await ask(`${admin}/notes`, { method: 'DELETE' })).status).toBe(204);
    const listed = await ask(`${open}/notes`);
    expect(listed.body).toBe('[]');
    expect(listed.headers).not.toHaveProperty('cache-control');
    expect((await ask(`${open}/notes`, { method: 'DELETE' })).status).toBe(404);
  });

  it('has health on the admin server only', async () => {
    const { open, admin } = await running();
    const { status, info } = JSON.parse(await text(`${admin}/health`));
    expect({ status, servers: Object.keys(info) }).toEqual({
      status: 'ok',
      servers: ['public', 'admin'],
    });
    expect((await ask(`${open}/health`)).status).toBe(404);
  });

  it('answers what is in flight, then exits with 0, on Ctrl-C', async () => {
    const { child, open } = await running();
    const request = await HalfSentRequest.send(open, 'POST /notes', '{"text":"late"}');
    sample.opened.onClose(() => request.close());
    child.interrupt();
    await child.until(/public \(.*\): draining/);
    expect(await request.answer('["late"]')).toMatch(/^HTTP\/1\.1 201 /m);
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });

  sample.itEndsOnTakenPort('admin', 'ADMIN_LISTEN');
});
