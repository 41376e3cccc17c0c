import { afterEach, describe, expect, it } from '@jest/globals';
import { ca, first, second } from '../support/certificates.js';
import { ask } from '../support/http-client.js';
import { Http2Client } from '../support/http2-client.js';
import { RawClient } from '../support/raw-client.js';
import { Opened, platforms, urlOf } from './support/adapters.js';
import { createClosedApp, ROUTES, SERVERS, SHARED_PATH } from './support/closed-app.js';
import { rawRequest } from './support/raw-answer.js';

const closed = ROUTES.filter(({ server, method }) => server !== 'public' && method === 'GET');

describe.each(platforms)('a connection to one server on $name', (platform) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('stays with it, whichever hosts its pipelined requests name', async () => {
    const app = opened.app(await createClosedApp(platform));
    await app.init();
    const hosts = SERVERS.map((server) => new URL(urlOf(app, server)).host);
    const client = await RawClient.connect(urlOf(app, 'public'));
    const requests = hosts.map((Host) => rawRequest({ target: SHARED_PATH, headers: { Host } }));
    const headers = { Host: hosts[1]!, Connection: 'close' };
    client.send([...requests, rawRequest({ target: '/api/users', headers })].join(''));
    await client.closed;
    expect(client.received.match(/HTTP\/1\.1 \d+/g)).toEqual([
      ...SERVERS.map(() => 'HTTP/1.1 200'),
      'HTTP/1.1 404',
    ]);
    expect(client.received.match(/from (public|admin|metrics)/g)).toEqual(
      SERVERS.map(() => 'from public'),
    );
  });

  it('stays with it, whatever its first request was answered with', async () => {
    const app = opened.app(await createClosedApp(platform));
    await app.init();
    const Host = new URL(urlOf(app, 'admin')).host;
    const client = await RawClient.connect(urlOf(app, 'admin'));
    client.send(rawRequest({ target: '/api/users', headers: { Host } }));
    await client.until('from admin');
    const headers = { Host: new URL(urlOf(app, 'public')).host, Connection: 'close' };
    client.send(rawRequest({ target: '/api/shop/one', headers }));
    await client.closed;
    expect(client.received).toContain('HTTP/1.1 404');
    expect(client.received).not.toContain('from public');
  });

  it('stays with it, whichever name the TLS handshake gives', async () => {
    const app = opened.app(await createClosedApp(platform, { tls: { certs: [first, second] } }));
    await app.init();
    for (const servername of ['first.test', 'second.test']) {
      const answer = await ask(urlOf(app, 'public', SHARED_PATH), {
        servername,
        headers: { host: new URL(urlOf(app, 'admin')).host },
      });
      expect([answer.certificateName, answer.body]).toEqual([servername, 'from public']);
    }
  });
});

describe.each(platforms.filter(({ name }) => name === 'fastify'))(
  'an HTTP/2 connection to one server on $name',
  (platform) => {
    const opened = new Opened();
    afterEach(() => opened.closeAll());

    it.each([
      ['h2c', {}],
      ['h2', { tls: { certs: [first, second] } }],
    ])('stays with it, whatever :authority and :scheme say (%s)', async (_name, options) => {
      const app = await createClosedApp(platform, { protocol: 'http2', ...options });
      opened.app(app);
      await app.init();
      const url = urlOf(app, 'public');
      const client = await Http2Client.connect(url, { ca: ca.cert, servername: 'first.test' });
      opened.add(client, (one) => one.close());
      const authority = new URL(urlOf(app, 'admin')).host;
      const claims: Record<string, string>[] = [
        {},
        { ':authority': authority },
        { ':authority': 'tenant.local' },
        { ':authority': authority, ':scheme': 'https' },
        { ':authority': authority, host: authority, 'x-forwarded-host': authority },
      ];
      for (const headers of claims) {
        expect((await client.ask(SHARED_PATH, { headers })).body).toBe('from public');
        for (const { path } of closed) {
          const { status, body } = await client.ask(path, { headers });
          expect([status, JSON.parse(body)]).toEqual([
            404,
            { statusCode: 404, error: 'Not Found', message: `Cannot GET ${path}` },
          ]);
        }
      }
    });
  },
);
