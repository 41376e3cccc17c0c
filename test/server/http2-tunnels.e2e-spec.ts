import { once } from 'node:events';
import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { PooledServer, ServerOptions } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

type Answer = (response: Http2ServerResponse) => unknown;

/** The ways in which a tunnel is opened. */
const ways: Record<string, Answer> = {
  'a head': (response) => response.writeHead(200),
  'a byte': (response) => void response.write('open'),
  'the stream': (response) => response.stream.respond({ ':status': 200 }),
};

describe.each([
  ['h2c', {}],
  ['h2', { tls }],
] as const)('a tunnel over %s', (_protocol, secure) => {
  const serve = async (
    answers: Record<string, Answer>,
    options: Partial<ServerOptions> = {},
  ): Promise<[PooledServer, ClientHttp2Session]> => {
    const entry = {
      request: (request: Http2ServerRequest, response: Http2ServerResponse) => {
        if (request.url === '/') response.end('fine');
      },
      connect: (request: Http2ServerRequest, response: Http2ServerResponse) => {
        answers[request.headers[':authority'] as string]?.(response);
        request.on('data', (chunk) => response.write(chunk));
      },
    };
    const config = { name: 'a', listen: LOOPBACK, protocol: 'http2', maxHandlers: 1 } as const;
    const server = opened.server(
      { ...config, maxUpgraded: 1, ...secure, ...options },
      { handlers: () => ({ default: entry as never }) },
    );
    await server.start();
    const session = connect(server.url ?? '', { rejectUnauthorized: false });
    session.on('error', () => undefined);
    opened.onClose(() => session.destroy());
    return [server, session];
  };

  const tunnel = (session: ClientHttp2Session, authority = 'open'): ClientHttp2Stream => {
    const stream = session.request({ ':method': 'CONNECT', ':authority': authority });
    return stream.on('error', () => undefined);
  };

  const statusOf = async (stream: ClientHttp2Stream): Promise<unknown> => {
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    return headers[':status'];
  };

  const get = (session: ClientHttp2Session): Promise<unknown> =>
    statusOf(session.request({ ':path': '/' }).resume());

  const isOpen = async (stream: ClientHttp2Stream): Promise<void> => {
    let received = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
    stream.write('ping');
    while (!received.includes('ping')) await once(stream, 'data');
  };

  const closed = async (stream: ClientHttp2Stream): Promise<void> => {
    const isClosed = new Promise((resolve) => stream.once('close', resolve));
    if (!stream.closed) await isClosed;
  };

  it('that is asked for before a limit is set live is no request from its answer on', async () => {
    const answers: Record<string, Answer> = {};
    let answer!: () => void;
    const asked = new Promise<void>((resolve) => {
      answers.open = (response) => {
        answer = () => void response.writeHead(200);
        resolve();
      };
    });
    const [server, session] = await serve(answers, {
      maxHandlers: undefined,
      maxUpgraded: undefined,
    });
    const stream = tunnel(session);
    await asked;
    await server.setConfig({ ...server.config, maxHandlers: 1 });
    expect(await get(session)).toBe(503);
    answer();
    expect(await statusOf(stream)).toBe(200);
    expect(await get(session)).toBe(200);
  });

  it.each(Object.entries(ways))(
    'that %s has opened holds no slot, and a place of maxUpgraded until it ends',
    async (_way, open) => {
      const [, session] = await serve({ open, other: open });
      const stream = tunnel(session);
      await once(stream, 'response');
      expect(await get(session)).toBe(200);
      expect(await statusOf(tunnel(session, 'other'))).toBe(503);
      stream.close();
      await closed(stream);
      // The server may hear of it later than of the next.
      while ((await statusOf(tunnel(session, 'other'))) === 503);
      expect(await get(session)).toBe(200);
    },
  );

  it('is refused for a head that is too long, before its client knows the limit', async () => {
    const [, session] = await serve({ open: (response) => response.write('open') });
    const long = Object.fromEntries([1, 2, 3].map((at) => [`x-${at}`, 'y'.repeat(8000)]));
    const stream = session.request({ ':method': 'CONNECT', ':authority': 'open', ...long });
    expect(await statusOf(stream.on('error', () => undefined))).toBe(431);
    expect(await statusOf(tunnel(session))).toBe(200);
  });

  it('that is refused holds nothing', async () => {
    const refused: Answer = (response) => response.writeHead(403).end();
    const open: Answer = (response) => response.write('open');
    const [, session] = await serve({ refused, open });
    for (let times = 0; times < 3; times += 1) {
      expect(await statusOf(tunnel(session, 'refused'))).toBe(403);
    }
    expect(await statusOf(tunnel(session))).toBe(200);
  });

  it('that is not answered holds a slot until its client leaves', async () => {
    const [server, session] = await serve({});
    const stream = tunnel(session, 'unanswered');
    while (server.stats().inFlight === 0) await new Promise(setImmediate);
    expect(await get(session)).toBe(503);
    stream.close();
    while ((await get(session)) === 503);
    expect(await statusOf(session.request({ ':path': '/' }))).toBe(200);
  });

  it('is ended neither by writeTimeout nor by readTimeout', async () => {
    const [, session] = await serve(
      { open: (response) => response.write('open') },
      { maxHandlers: 0, maxUpgraded: 0, writeTimeout: '150ms', readTimeout: '100ms' },
    );
    const stream = tunnel(session);
    await once(stream, 'response');
    const unanswered = tunnel(session, 'unanswered');
    const unread = session.request({ ':path': '/never', ':method': 'POST' });
    unread.on('error', () => undefined).resume();
    await Promise.all([closed(unanswered.resume()), closed(unread)]);
    // They are later than the tunnel, and were cut.
    await isOpen(stream);
    expect(stream.closed).toBe(false);
  });
});
