import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ask } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import type { Child } from './support/child.js';
import { Clone } from './support/clone.js';
import { HalfSentRequest } from './support/half-sent-request.js';

// Two compilers and a Nest application start here, on a machine that runs other tests too.
jest.setTimeout(60_000);

const PORT_0 = { PUBLIC_LISTEN: '127.0.0.1:0', ADMIN_LISTEN: '127.0.0.1:0' };
const POST = { method: 'POST' };

/** The rows of the table that the sample prints, by the name of the server. */
async function tableOf(child: Child): Promise<Record<string, string[]>> {
  const [table] = await child.until(/^NAME .*\n(public .*\n)(admin .*\n)/m);
  const rows = table.trimEnd().split('\n');
  return Object.fromEntries(rows.map((row) => [row.split(/ +/)[0], row.split(/ +/)]));
}

describe('sample 01, a public and an admin server', () => {
  let clone: Clone;
  const opened = new Opened();
  beforeAll(async () => {
    clone = await Clone.of('01-public-and-admin');
  });
  afterEach(() => opened.closeAll());
  afterEach(() => clone.stopAll());
  afterAll(() => clone?.remove());

  const running = async (env: Record<string, string> = PORT_0) => {
    const child = clone.run(env);
    const table = await tableOf(child);
    const [publicUrl, adminUrl] = [table.public?.[2] ?? '', table.admin?.[2] ?? ''];
    const admin = async (path: string, options = {}) => {
      const { status, body } = await ask(`${adminUrl}${path}`, options);
      return { status, body: JSON.parse(body) };
    };
    return { child, table, publicUrl, adminUrl, admin };
  };

  it('is built, served and ended by the one command', async () => {
    const child = clone.start(PORT_0);
    const { public: row } = await tableOf(child);
    expect((await ask(`${row?.[2]}/notes`)).body).toBe('[]');
    child.interrupt();
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });

  it('prints name, bind address, exposed URL, protocol and state of each server', async () => {
    const { table } = await running();
    const url = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(table).toEqual({
      NAME: ['NAME', 'BIND', 'EXPOSE', 'PROTOCOL', 'STATE'],
      public: ['public', '127.0.0.1:0', url, 'http1', 'running'],
      admin: ['admin', '127.0.0.1:0', url, 'http1', 'running'],
    });
  });

  it('validates what the public server is sent', async () => {
    const { publicUrl } = await running();
    const post = (note: unknown) =>
      ask(`${publicUrl}/notes`, {
        ...POST,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(note),
      });
    const made = await post({ text: 'milk', tags: ['shop'] });
    expect(made.status).toBe(201);
    expect(JSON.parse(made.body)).toEqual({ id: 1, text: 'milk', tags: ['shop'] });
    const refused = await post({ text: '', price: 3 });
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.body).message).toEqual([
      'property price should not exist',
      'text should not be empty',
    ]);
    expect((await ask(`${publicUrl}/notes/1`)).status).toBe(200);
    expect((await ask(`${publicUrl}/notes/2`)).status).toBe(404);
  });

  it('has the admin routes on the admin server only, and the others on the public one', async () => {
    const { publicUrl, adminUrl } = await running();
    for (const path of ['/health', '/servers', '/servers/public']) {
      expect((await ask(`${adminUrl}${path}`)).status).toBe(200);
      expect((await ask(`${publicUrl}${path}`)).status).toBe(404);
    }
    expect((await ask(`${adminUrl}/notes`)).status).toBe(404);
  });

  it('reports 200, 503 while a server is stopped, and 200 again', async () => {
    const { admin } = await running();
    const healthy = await admin('/health');
    expect(healthy.status).toBe(200);
    expect(Object.keys(healthy.body.details)).toEqual(['public', 'admin']);

    expect(await admin('/servers/public/stop', POST)).toMatchObject({
      status: 200,
      body: { server: 'public', timedOut: false },
    });
    expect(await admin('/health')).toMatchObject({
      status: 503,
      body: { error: { public: { status: 'down', state: 'stopped' } } },
    });
    expect((await admin('/servers')).body).toMatchObject({ size: 2, running: 1 });

    const started = await admin('/servers/public/start', POST);
    expect(started).toMatchObject({ status: 200, body: { state: 'running' } });
    expect((await ask(`${started.body.url}/notes`)).status).toBe(200);
    expect((await admin('/health')).status).toBe(200);
  });

  it('knows no other names', async () => {
    const { admin } = await running();
    for (const path of ['/servers/nobody/stop', '/servers/nobody/start']) {
      expect((await admin(path, POST)).status).toBe(404);
    }
    expect((await admin('/servers/nobody')).status).toBe(404);
  });

  it('answers 202 when it is to stop the server that it is asked on, which then stops', async () => {
    const { child, publicUrl, admin } = await running();
    expect(await admin('/servers/admin/stop', POST)).toMatchObject({
      status: 202,
      body: { name: 'admin', state: 'draining' },
    });
    const [, line] = await child.until(/admin \(.*\): (stopped.*)/);
    expect(line).not.toMatch(/cut/);
    expect((await ask(`${publicUrl}/notes`)).status).toBe(200);
  });

  it('answers what is in flight, then exits with 0, on a Ctrl-C that comes twice', async () => {
    const { child, publicUrl, admin } = await running();
    const request = await HalfSentRequest.send(publicUrl, 'POST /notes', '{"text":"late"}');
    opened.onClose(() => request.close());
    child.interrupt();
    child.interrupt();
    await child.until(/public \(.*\): draining/);
    // The admin server stops last: it tells of the drain meanwhile.
    expect(await admin('/health')).toMatchObject({
      status: 503,
      body: { error: { public: { state: 'draining' } }, info: { admin: { status: 'up' } } },
    });
    expect(await request.answer('"text":"late"')).toMatch(/^HTTP\/1\.1 201 /m);
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });

  it('serves the rest when a port is taken, tells which and why, and starts it later', async () => {
    const { listen, free } = await opened.takenPort();
    const { child, table, admin } = await running({ ...PORT_0, PUBLIC_LISTEN: listen });
    expect(table.public?.[4]).toBe('failed');
    // The log writes errors to another pipe than the table comes by.
    await child.until(new RegExp(`Server 'public' cannot listen on ${listen}`));
    expect(child.output).not.toMatch(/^ +at /m);
    expect(await admin('/health')).toMatchObject({
      status: 503,
      body: { error: { public: { message: expect.stringContaining('EADDRINUSE') } } },
    });
    expect((await admin('/servers/public/start', POST)).status).toBe(409);
    await free();
    expect((await admin('/servers/public/start', POST)).status).toBe(200);
    expect((await admin('/health')).status).toBe(200);
  });

  it('ends with 1 when no server can be started', async () => {
    const [one, two] = [await opened.takenPort(), await opened.takenPort()];
    const child = clone.run({ PUBLIC_LISTEN: one.listen, ADMIN_LISTEN: two.listen });
    expect(await child.exited).toEqual({ code: 1, signal: null });
    expect(child.output).toMatch(/No server could be started, see above\n/);
    expect(child.output).not.toMatch(/^ +at /m);
  });

  it('ends with 1 and lists every fault of a wrong config, and nothing else', async () => {
    const child = clone.run({ PUBLIC_LISTEN: 'nowhere', ADMIN_LISTEN: '127.0.0.1:70000' });
    expect(await child.exited).toEqual({ code: 1, signal: null });
    expect(child.output.trimEnd().split('\n')).toEqual([
      expect.stringContaining('2 configs are not valid'),
      expect.stringContaining("Server 'public'"),
      expect.stringMatching(/servers\[0\]\.listen: 'nowhere' has no port/),
      expect.stringContaining("Server 'admin'"),
      expect.stringMatching(/servers\[1\]\.listen: '127\.0\.0\.1:70000' has a port above 65535/),
    ]);
  });
});
