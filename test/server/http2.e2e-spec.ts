import { once } from 'node:events';
import { ExpressAdapter } from '@nestjs/platform-express';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type HandlerEntry,
  type Pool,
  type PooledServer,
  type ServerOptions,
} from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { failure, gate } from '../support/events.js';
import { held, LOOPBACK, says } from '../support/handlers.js';
import { ask, text } from '../support/http-client.js';
import { Http2Client } from '../support/http2-client.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const options = { name: 'a', listen: LOOPBACK, protocol: 'http2' } as const;

const clientOf = async ({ url = '' }: PooledServer): Promise<Http2Client> => {
  const client = await Http2Client.connect(url);
  opened.onClose(() => client.close());
  return client;
};

const serve = async (handler: HandlerEntry, secure = true): Promise<PooledServer> => {
  const config = secure ? { ...options, tls } : options;
  const server = opened.server(config, { handlers: () => ({ default: handler }) });
  await server.start();
  return server;
};

describe('HTTP/2 over TLS', () => {
  it('falls back to HTTP/1.1 by ALPN', async () => {
    const server = await serve((request, response) => void response.end(request.httpVersion));
    expect(await text(server.url)).toBe('1.1');
    const client = await clientOf(server);
    expect(client.session.alpnProtocol).toBe('h2');
    expect((await client.ask('/')).body).toBe('2.0');
  });

  it('answers 500 over the fallback as well when a handler fails', async () => {
    const server = await serve(() => {
      throw new Error('out of order');
    });
    expect((await ask(server.url ?? '')).status).toBe(500);
  });

  it('stops with sessions and HTTP/1.1 connections open', async () => {
    const server = await serve(says('hello'));
    const client = await clientOf(server);
    await client.ask('/');
    await text(server.url);
    const closed = once(client.session, 'close');
    expect((await server.stop()).timedOut).toBe(false);
    await closed;
  });
});

describe.each([
  ['h2', true],
  ['h2c', false],
])('a session over %s', (_name, secure) => {
  it('carries many streams at once', async () => {
    const server = await serve(says('hello'), secure);
    const client = await clientOf(server);
    const answers = await Promise.all(Array.from({ length: 100 }, () => client.ask('/')));
    expect(answers.filter(({ body }) => body === 'hello')).toHaveLength(100);
    expect(server.stats().connections).toBe(1);
  });

  it('is told to go away with its next request after a restart, and closed after its streams', async () => {
    const { handler, entered, release } = held('whole');
    const server = await serve(handler, secure);
    const client = await clientOf(server);
    const goneAway = once(client.session, 'goaway');
    const closed = once(client.session, 'close');
    const before = client.ask('/before');
    await entered.opened;
    await server.restart();
    const after = client.ask('/after');
    expect((await goneAway)[0]).toBe(0);
    release.open();
    expect([(await before).body, (await after).body]).toEqual(['whole', 'whole']);
    await closed;
    expect(server.isRunning()).toBe(true);
  });

  it('refuses no stream that it opened before it knew of a stop', async () => {
    const server = await serve(says('hello'), secure);
    const client = await clientOf(server);
    await client.ask('/');
    const stopped = server.stop();
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.ask('/')));
    expect(answers.filter(({ body }) => body === 'hello')).toHaveLength(20);
    expect(await stopped).toMatchObject({ finished: 20, timedOut: false });
  });

  it('that comes while the server drains is served and told to go away', async () => {
    const { handler, entered, release } = held('whole');
    const config = { ...options, ...(secure && { tls }), shutdown: { delay: '1h' } };
    const server = opened.server(config, { handlers: () => ({ default: handler }) });
    await server.start();
    const stopped = server.stop();
    const client = await clientOf(server);
    const answer = client.ask('/');
    await entered.opened;
    void server.stop({ timeout: '1h' });
    release.open();
    expect((await answer).body).toBe('whole');
    expect((await stopped).timedOut).toBe(false);
  });

  it('shows a client that its answer was cut', async () => {
    const begun = gate();
    const server = await serve(
      (_request, response) => void response.write('half', () => begun.open()),
      secure,
    );
    const client = await clientOf(server);
    const answer = failure(client.ask('/'));
    await begun.opened;
    expect(await server.stop({ timeout: 0 })).toMatchObject({ cut: { http2: 1 }, timedOut: true });
    await answer;
  });
});

describe('an Express application as the handler', () => {
  const express = new ExpressAdapter().getInstance() as HandlerEntry;
  const http1 = { name: 'a', listen: LOOPBACK };

  const poolOf = async (config: ServerOptions, handler: HandlerEntry): Promise<Pool> => {
    const pool = opened.pool({ handlers: () => ({ default: handler }) });
    await pool.storeNew(config, { start: true });
    return pool;
  };

  it('is served on when the protocol changes, forth and back', async () => {
    const pool = await poolOf(http1, express);
    const server = pool.get('a') as PooledServer;
    expect((await ask(server.url ?? '')).status).toBe(404);
    await server.setConfig({ ...options, tls });
    expect((await (await clientOf(server)).ask('/')).status).toBe(404);
    expect((await ask(server.url ?? '')).status).toBe(404);
    await server.setConfig(http1);
    expect((await ask(server.url ?? '')).status).toBe(404);
  });

  it('is served as soon as the handlers change, on the same session', async () => {
    const pool = await poolOf(options, says('plain'));
    const client = await clientOf(pool.get('a') as PooledServer);
    expect((await client.ask('/')).body).toBe('plain');
    pool.handler(() => ({ default: express }));
    expect((await client.ask('/')).status).toBe(404);
    pool.handler(() => ({ default: says('plain again') }));
    expect((await client.ask('/')).body).toBe('plain again');
  });

  it('is served as an own handler of a server', async () => {
    const server = await serve(says('plain'));
    server.handler(() => ({ default: express }));
    expect((await (await clientOf(server)).ask('/')).status).toBe(404);
  });
});
