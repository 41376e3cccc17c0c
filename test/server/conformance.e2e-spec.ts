import { EventEmitter, once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  serverOf,
  type HandlerEntry,
  type PooledServer,
  type ServerOptions,
} from '../../lib/index.js';
import { failure, gate } from '../support/events.js';
import { echo, held, Journal, LOOPBACK, says } from '../support/handlers.js';
import { Opened } from '../support/opened.js';
import { protocols, type Client } from '../support/protocols.js';
import { RawClient, refusal } from '../support/raw-client.js';

describe.each(protocols)('a server over $name', ({ name, options, version, connect }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  /** What a client sees of an answer that was not sent to its end. */
  const brokenOff = version === '1.1' ? 'ECONNRESET' : 'ERR_HTTP2_STREAM_ERROR';

  const serve = async (
    handler: HandlerEntry,
    more: Partial<ServerOptions> = {},
    logger?: Journal,
  ): Promise<PooledServer> => {
    const config = { name, listen: LOOPBACK, ...options, ...more };
    const server = opened.server(config, { handlers: () => ({ default: handler }), logger });
    await server.start();
    return server;
  };

  const clientOf = async (server: PooledServer): Promise<Client> => {
    const client = await connect(server.url ?? '');
    opened.onClose(() => client.close());
    return client;
  };

  it('speaks the protocol', async () => {
    const server = await serve((request, response) => void response.end(request.httpVersion));
    expect((await (await clientOf(server)).ask('/')).body).toBe(version);
  });

  it('tells each request which server accepted it', async () => {
    const server = await serve((request, response) => void response.end(serverOf(request)?.name));
    expect((await (await clientOf(server)).ask('/')).body).toBe(server.name);
  });

  it('tells which it was when a request is over, answered or left', async () => {
    const arrived = new EventEmitter();
    const server = await serve((request, response) => {
      response.once('close', () => {
        setImmediate(() => arrived.emit('over', serverOf(request)?.name));
      });
      if (request.url === '/answered') response.end();
      else arrived.emit('left');
    });
    const client = await clientOf(server);
    const [answered] = await Promise.all([once(arrived, 'over'), client.ask('/answered')]);
    expect(answered).toEqual([server.name]);
    const over = once(arrived, 'over');
    const asked = client.ask('/left').catch(() => undefined);
    await once(arrived, 'left');
    await Promise.all([client.close(), asked]);
    expect(await over).toEqual([server.name]);
  });

  it('serves GET, and POST with a body', async () => {
    const client = await clientOf(await serve(echo));
    const got = await client.ask('/path?query');
    expect(got).toMatchObject({ status: 200, body: '', headers: { 'x-method': 'GET' } });
    const posted = await client.ask('/', { method: 'POST', body: 'the body' });
    expect(posted).toMatchObject({
      status: 200,
      body: 'the body',
      headers: { 'x-method': 'POST' },
    });
  });

  it('serves bodies of many megabytes', async () => {
    const client = await clientOf(await serve(echo));
    const body = 'ten bytes.'.repeat(800_000);
    const answer = await client.ask('/', { method: 'POST', body });
    expect(answer.body === body).toBe(true);
  });

  it('keeps a connection between requests', async () => {
    const server = await serve(says('hello'));
    const client = await clientOf(server);
    for (let count = 0; count < 5; count += 1) await client.ask('/');
    expect(server.stats()).toMatchObject({ connections: 1, requests: 5, inFlight: 0 });
  });

  it('serves many clients at once', async () => {
    const server = await serve(echo);
    const bodies = Array.from({ length: 50 }, (_, index) => `body ${index}`);
    const answers = await Promise.all(
      bodies.map(async (body) => (await clientOf(server)).ask('/', { method: 'POST', body })),
    );
    expect(answers.map(({ body }) => body)).toEqual(bodies);
  });

  it('serves on under an open connection when it is restarted', async () => {
    const server = await serve(echo);
    const client = await clientOf(server);
    const { url } = server;
    for (let round = 0; round < 5; round += 1) {
      await server.restart();
      // An HTTP/2 session is told to go away; what follows needs a new one.
      const next = version === '1.1' ? client : await clientOf(server);
      const answer = await next.ask('/', { method: 'POST', body: `${round}` });
      expect(answer.body).toBe(`${round}`);
    }
    expect(server.url).toBe(url);
  });

  it('serves another handler with the next request of an open connection', async () => {
    const server = await serve(says('one'));
    const client = await clientOf(server);
    expect((await client.ask('/')).body).toBe('one');
    server.handler(() => ({ default: says('two') }));
    expect((await client.ask('/')).body).toBe('two');
    expect(server.stats().connections).toBe(1);
  });

  it('answers a request in flight whole before it is stopped', async () => {
    const { handler, entered, release } = held('the whole answer');
    const server = await serve(handler);
    const answer = (await clientOf(server)).ask('/');
    await entered.opened;
    const stopped = server.stop();
    release.open();
    expect((await answer).body).toBe('the whole answer');
    expect(await stopped).toMatchObject({ finished: 1, timedOut: false });
    expect(server.state).toBe('stopped');
    expect(await refusal(server.url ?? `http://127.0.0.1:1`)).toBe('ECONNREFUSED');
  });

  it('stops although a client keeps its connection, and cuts nothing for that', async () => {
    const server = await serve(says('hello'));
    const client = await clientOf(server);
    await client.ask('/');
    expect(await server.stop()).toMatchObject({
      timedOut: false,
      cut: { http1: 0, http2: 0, idle: 0 },
    });
    expect(server.stats().connections).toBe(0);
  });

  it('tells what it cut when the grace ran out', async () => {
    const { handler, entered } = held('never');
    const server = await serve(handler);
    const answer = failure((await clientOf(server)).ask('/'));
    await entered.opened;
    const { cut, timedOut, finished } = await server.stop({ timeout: '50ms' });
    expect(timedOut).toBe(true);
    expect(finished).toBe(0);
    await answer;
    expect(cut).toMatchObject(version === '1.1' ? { http1: 1, http2: 0 } : { http1: 0, http2: 1 });
  });

  it.each<[string, HandlerEntry]>([
    [
      'throws',
      () => {
        throw new Error('out of order');
      },
    ],
    ['rejects', (async () => Promise.reject(new Error('out of order'))) as HandlerEntry],
  ])('answers 500 for a handler that %s, logs why, and serves on', async (_how, broken) => {
    const journal = new Journal();
    const server = await serve(broken, {}, journal);
    const client = await clientOf(server);
    expect((await client.ask('/broken?token=secret')).status).toBe(500);
    expect(
      journal.matching(/^error .*handler failed on GET \/broken: .*out of order/),
    ).toHaveLength(1);
    expect(journal.matching(/secret/)).toEqual([]);
    server.handler(() => ({ default: says('fine') }));
    expect((await client.ask('/')).body).toBe('fine');
  });

  it('breaks off an answer whose handler fails after its head, and serves on', async () => {
    const server = await serve((async (_request, response) => {
      response.writeHead(200);
      await new Promise((resolve) => response.write('half', resolve));
      throw new Error('out of order');
    }) as HandlerEntry);
    const { code } = await failure<NodeJS.ErrnoException>((await clientOf(server)).ask('/'));
    expect(code).toBe(brokenOff);
    server.handler(() => ({ default: says('fine') }));
    expect((await (await clientOf(server)).ask('/')).body).toBe('fine');
  });

  it('cuts an answer that takes longer than its writeTimeout', async () => {
    const { handler } = held('too late');
    const server = await serve(handler, { writeTimeout: '40ms' });
    const { code } = await failure<NodeJS.ErrnoException>((await clientOf(server)).ask('/'));
    expect(code).toBe(brokenOff);
    server.handler(() => ({ default: says('in time') }));
    expect((await (await clientOf(server)).ask('/')).body).toBe('in time');
  });

  it('answers 503 with Retry-After above maxHandlers, and takes requests again after', async () => {
    const { handler, entered, release } = held('admitted');
    const server = await serve(handler, { maxHandlers: 1 });
    const admitted = (await clientOf(server)).ask('/');
    await entered.opened;
    const other = await clientOf(server);
    const turnedAway = await other.ask('/');
    expect(turnedAway.status).toBe(503);
    expect(turnedAway.headers['retry-after']).toBe('1');
    release.open();
    expect((await admitted).body).toBe('admitted');
    expect((await other.ask('/')).status).toBe(200);
  });

  it('counts requests against maxHandlers over a restart', async () => {
    const { handler, entered, release } = held('admitted');
    const server = await serve(handler, { maxHandlers: 1 });
    const admitted = (await clientOf(server)).ask('/');
    await entered.opened;
    await server.restart();
    expect((await (await clientOf(server)).ask('/')).status).toBe(503);
    release.open();
    expect((await admitted).body).toBe('admitted');
  });

  it('closes a connection above maxConnections at once, and accepts again when one is gone', async () => {
    const server = await serve(says('hello'), { maxConnections: 1 });
    const client = await clientOf(server);
    await client.ask('/');
    const above = await RawClient.connect(server.url ?? '');
    await above.closed;
    expect(above.received).toBe('');
    await server.setConfig({ name, listen: LOOPBACK, ...options, maxConnections: 2 });
    expect((await (await clientOf(server)).ask('/')).body).toBe('hello');
  });

  it('does not mind a client that goes away in the middle', async () => {
    const [begun, gone] = [gate(), gate()];
    const server = await serve((_request, response) => {
      response.once('close', () => gone.open());
      response.write('half', () => begun.open());
    });
    const client = await clientOf(server);
    client.ask('/').catch(() => undefined);
    await begun.opened;
    await client.close();
    await gone.opened;
    server.handler(() => ({ default: says('fine') }));
    expect((await (await clientOf(server)).ask('/')).body).toBe('fine');
    expect(server.stats().inFlight).toBe(0);
  });

  it('starts and stops a hundred times in a row', async () => {
    const server = await serve(says('hello'));
    for (let round = 0; round < 100; round += 1) {
      await server.stop();
      await server.start();
    }
    expect((await (await clientOf(server)).ask('/')).body).toBe('hello');
  });
});
