import { once } from 'node:events';
import { ExpressAdapter } from '@nestjs/platform-express';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ServerErrorCode,
  type HandlerEntry,
  type Pool,
  type PooledServer,
  type ServerError,
} from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { failure, gate } from '../support/events.js';
import { held, Journal, LOOPBACK, says } from '../support/handlers.js';
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

describe('an Express application behind HTTP/2', () => {
  const express = new ExpressAdapter().getInstance() as HandlerEntry;

  const poolOf = async (
    protocol: 'http1' | 'http2',
    handler: HandlerEntry,
    logger?: Journal,
  ): Promise<Pool> => {
    const pool = opened.pool({ handlers: () => ({ default: handler }), logger });
    await pool.storeNew({ name: 'first', listen: LOOPBACK });
    await pool.storeNew({ ...options, protocol });
    return pool;
  };

  it('is refused at the start, with the reason and what to do', async () => {
    const pool = await poolOf('http2', express);
    const server = pool.get('a') as PooledServer;
    const error = await failure<ServerError>(server.start());
    expect(error).toMatchObject({ code: ServerErrorCode.ERR_SERVER_HTTP2_CONFIGURE, server: 'a' });
    expect(error.message).toMatch(/Express.*crashes the process.*Use protocol 'http1'/);
    expect([server.state, server.address]).toEqual(['failed', undefined]);
  });

  it('is served over HTTP/1', async () => {
    const pool = await poolOf('http1', express);
    await pool.start();
    expect((await ask(pool.get('a')?.url ?? '')).status).toBe(404);
  });

  it('is refused when the protocol changes, and the old one serves on', async () => {
    const pool = await poolOf('http1', express);
    await pool.start();
    const change = pool.get('a')?.setConfig(options) as Promise<void>;
    await expect(change).rejects.toMatchObject({ code: 'ERR_SERVER_HTTP2_CONFIGURE' });
    expect((await ask(pool.get('a')?.url ?? '')).status).toBe(404);
  });

  it('is refused when the handlers change: that server answers 500, and the log says why', async () => {
    const logger = new Journal();
    const pool = await poolOf('http2', says('plain'), logger);
    await pool.start();
    pool.handler(() => ({ default: express }));
    expect((await ask(pool.get('first')?.url ?? '')).status).toBe(404);
    const http2 = await clientOf(pool.get('a') as PooledServer);
    expect((await http2.ask('/')).status).toBe(500);
    expect(logger.matching(/^error .*'a'.*Express/s)).toHaveLength(1);
    pool.handler(() => ({ default: says('plain again') }));
    expect((await http2.ask('/')).body).toBe('plain again');
  });

  it('is refused as an own handler of a server', async () => {
    const server = await serve(says('plain'));
    server.handler(() => ({ default: express }));
    expect((await (await clientOf(server)).ask('/')).status).toBe(500);
    expect(server.isRunning()).toBe(true);
  });
});
