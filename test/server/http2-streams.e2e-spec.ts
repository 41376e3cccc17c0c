import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { HandlerEntry, PooledServer } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { gate } from '../support/events.js';
import { Journal, LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

type Handle = (request: Http2ServerRequest, response: Http2ServerResponse) => unknown;

const { NGHTTP2_INTERNAL_ERROR, NGHTTP2_CANCEL, NGHTTP2_NO_ERROR } = constants;

describe.each([
  ['h2c', {}],
  ['h2', { tls }],
] as const)('over %s', (_protocol, secure) => {
  let journal: Journal;

  const serve = async (
    entry: Partial<Record<'request' | 'connect', Handle>>,
  ): Promise<[PooledServer, ClientHttp2Session]> => {
    const request: Handle = (asked, response) =>
      asked.url === '/next' ? response.end('next') : entry.request?.(asked, response);
    journal = new Journal();
    const handler = { ...entry, request } as unknown as HandlerEntry;
    const server = opened.server(
      { name: 'a', listen: LOOPBACK, protocol: 'http2', maxHandlers: 10, ...secure },
      { handlers: () => ({ default: handler }), logger: journal },
    );
    await server.start();
    const session = connect(server.url ?? '', { rejectUnauthorized: false });
    session.on('error', () => undefined);
    opened.onClose(() => session.destroy());
    return [server, session];
  };

  /** The code that a stream was closed with. */
  const closed = async (stream: ClientHttp2Stream): Promise<number> => {
    stream.on('error', () => undefined).resume();
    await new Promise((resolve) => stream.once('close', resolve));
    return stream.rstCode;
  };

  const isServed = async (server: PooledServer, session: ClientHttp2Session): Promise<void> => {
    expect(await closed(session.request({ ':path': '/next' }))).toBe(NGHTTP2_NO_ERROR);
    while (server.stats().inFlight > 0) await new Promise(setImmediate);
  };

  describe.each<[string, Record<string, unknown>]>([
    ['speak of the connection', { connection: 'close' }],
    ['have two values of a field that has one', { 'content-type': ['a', 'b'] }],
    ['have a field with a colon', { ':foo': 'bar' }],
  ])('trailers that %s', (_what, trailers) => {
    const answer = (response: Http2ServerResponse): void => {
      response.addTrailers(trailers as never);
      response.write('x');
      response.end('y');
    };

    it('break their answer off, are logged, and cost nothing else', async () => {
      const [server, session] = await serve({ request: (_request, response) => answer(response) });
      expect(await closed(session.request({ ':path': '/' }))).toBe(NGHTTP2_INTERNAL_ERROR);
      await isServed(server, session);
      expect(journal.matching(/^error a .*handler failed on GET \/:/)).toHaveLength(1);
    });

    it('do so when they are set one by one', async () => {
      const [server, session] = await serve({
        request: (_request, response) => {
          const set = response as unknown as { setTrailer(name: string, value: unknown): void };
          try {
            for (const [name, value] of Object.entries(trailers)) set.setTrailer(name, value);
          } catch {
            // Of some Node says so at once.
          }
          response.end('y');
        },
      });
      await closed(session.request({ ':path': '/' }));
      await isServed(server, session);
    });

    it('do so when they come late, and by a CONNECT', async () => {
      const [server, session] = await serve({
        request: (_request, response) => void setImmediate(answer, response),
        connect: (_request, response) => answer(response),
      });
      const connected = session.request({ ':method': 'CONNECT', ':authority': 'a:1' });
      expect(await closed(connected)).toBe(NGHTTP2_INTERNAL_ERROR);
      expect(await closed(session.request({ ':path': '/' }))).toBe(NGHTTP2_INTERNAL_ERROR);
      await isServed(server, session);
      expect(journal.matching(/^error a .*handler failed on/)).toHaveLength(2);
    });

    it('do so of an answer that was pushed', async () => {
      const [server, session] = await serve({
        request: (_request, response) => {
          response.createPushResponse({ ':path': '/pushed' }, (_error, pushed) => answer(pushed));
          response.end();
        },
      });
      const pushed = once(session, 'stream') as Promise<[ClientHttp2Stream]>;
      expect(await closed(session.request({ ':path': '/' }))).toBe(NGHTTP2_NO_ERROR);
      expect(await closed((await pushed)[0])).toBe(NGHTTP2_INTERNAL_ERROR);
      await isServed(server, session);
      expect(journal.matching(/^error a .*handler failed on/)).toHaveLength(1);
    });
  });

  it('trailers that may be sent are sent', async () => {
    const [, session] = await serve({
      request: (_request, response) => {
        response.addTrailers({ 'x-sum': '1' });
        response.end('body');
      },
    });
    const stream = session.request({ ':path': '/' });
    const [trailers] = (await once(stream.resume(), 'trailers')) as [Record<string, unknown>];
    expect(trailers['x-sum']).toBe('1');
  });

  it('trailers of Fastify that HTTP/2 forbids break their answer off', async () => {
    const app = new FastifyAdapter().getInstance();
    app.get('/', (_request, reply) => {
      reply.trailer('keep-alive', (_reply, _payload, done) => done(null, 'timeout=5'));
      return 'body';
    });
    await app.ready();
    const [server, session] = await serve({
      request: (request, response) => app.routing(request as never, response as never),
    });
    expect(await closed(session.request({ ':path': '/' }))).toBe(NGHTTP2_INTERNAL_ERROR);
    await isServed(server, session);
  });

  describe.each<[string, (response: Http2ServerResponse) => void]>([
    [
      'pushStream',
      (response) =>
        response.stream.pushStream({ ':path': '/pushed' }, (_error, pushed) => {
          pushed.respond({ ':status': 200 });
          pushed.write('x');
        }),
    ],
    [
      'pushStream, with options',
      (response) =>
        response.stream.pushStream({ ':path': '/pushed' }, {}, (_error, pushed) => {
          pushed.respond({ ':status': 200 });
          pushed.write('x');
        }),
    ],
    [
      'createPushResponse',
      (response) =>
        response.createPushResponse({ ':path': '/pushed' }, (_error, pushed) => pushed.write('x')),
    ],
  ])('a stream of %s', (_by, push) => {
    it.each<[string, (stream: ClientHttp2Stream) => unknown]>([
      ['resets it with an error', (stream) => stream.close(NGHTTP2_INTERNAL_ERROR)],
      ['does not want it', (stream) => stream.close(NGHTTP2_CANCEL)],
      ['leaves', (stream) => stream.session?.destroy(undefined, NGHTTP2_INTERNAL_ERROR)],
    ])('costs nothing when its client %s', async (_what, leave) => {
      const [server, session] = await serve({
        request: (_request, response) => {
          push(response);
          response.end();
        },
      });
      session.on('stream', (stream) => {
        stream.on('error', () => undefined);
        leave(stream);
      });
      session.request({ ':path': '/' }).on('error', () => undefined);
      await once(session, 'stream');
      while (server.stats().inFlight > 0) await new Promise(setImmediate);
      const again = connect(server.url ?? '', { rejectUnauthorized: false });
      opened.onClose(() => again.destroy());
      await isServed(server, again);
    });

    it('is waited for by a stop, and told when it is cut', async () => {
      const [server, session] = await serve({
        request: (_request, response) => {
          push(response);
          response.end();
        },
      });
      session.on('stream', (stream) => stream.on('error', () => undefined));
      await closed(session.request({ ':path': '/' }));
      const report = await server.stop({ timeout: 50 });
      expect(report).toMatchObject({ cut: { http2: 1 }, timedOut: true });
      expect(journal.matching(/cut .*GET \/pushed/)).toHaveLength(1);
    });
  });

  it('a push that its client has switched off is refused as Node refuses it', async () => {
    const refused = gate<unknown>();
    const [server] = await serve({
      request: (_request, response) => {
        try {
          response.createPushResponse({ ':path': '/pushed' }, () => undefined);
        } catch (error) {
          refused.open((error as NodeJS.ErrnoException).code);
        }
        response.end();
      },
    });
    const session = connect(server.url ?? '', {
      rejectUnauthorized: false,
      settings: { enablePush: false },
    });
    opened.onClose(() => session.destroy());
    await closed(session.request({ ':path': '/' }));
    expect(await refused.opened).toBe('ERR_HTTP2_PUSH_DISABLED');
  });

  it.each<[string, Handle]>([
    [
      'request, and ends its stream',
      (request, response) => {
        request.destroy(new Error('upstream refused'));
        setImmediate(() => response.stream.close());
      },
    ],
    [
      'request, and answers',
      (request, response) => {
        request.destroy(new Error('upstream refused'));
        setImmediate(() => response.writeHead(502).end());
      },
    ],
    ['answer', (_request, response) => response.destroy(new Error('upstream refused'))],
  ])('a CONNECT whose handler destroys its %s costs its stream alone', async (_what, connected) => {
    const [server, session] = await serve({ connect: connected });
    const stream = session.request({ ':method': 'CONNECT', ':authority': 'a:1' });
    await closed(stream.end());
    await isServed(server, session);
  });
});

it('an HTTP/1 client of a server of HTTP/2 has trailers as ever', async () => {
  const handler = (_request: IncomingMessage, response: ServerResponse): void => {
    response.addTrailers({ 'x-sum': '1' });
    response.end('body');
  };
  const server = opened.server(
    { name: 'a', listen: LOOPBACK, protocol: 'http2', tls },
    { handlers: () => ({ default: handler }) },
  );
  await server.start();
  const { request } = await import('node:https');
  const asked = request(server.url ?? '', { rejectUnauthorized: false }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  await once(answer.resume(), 'end');
  expect(answer.complete).toBe(true);
});
