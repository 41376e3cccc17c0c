import { runInNewContext } from 'node:vm';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { HandlerEntry, PooledServer, PoolLogger, ServerOptions } from '../../lib/index.js';
import { Journal, LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';
import { protocols } from '../support/protocols.js';
import { get, RawClient } from '../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const serve = async (
  options: Partial<ServerOptions>,
  handler: HandlerEntry,
  logger?: PoolLogger,
): Promise<PooledServer> => {
  const config = { name: 'a', listen: LOOPBACK, ...options };
  const server = opened.server(config, { handlers: () => ({ default: handler }), logger });
  await server.start();
  return server;
};

type Fault = (request: IncomingMessage, response: ServerResponse) => unknown;

const fail = (): never => {
  throw new Error('out of order');
};

const unshowable = (): object =>
  Object.defineProperties(Object.create(null) as object, {
    message: { get: fail },
    stack: { get: fail },
  });

const THEN = ['th', 'en'].join('');

const thenable = (then: (done: unknown, failed: (error: Error) => void) => void): unknown => ({
  [THEN]: then,
});

/** The handler sets something, and fails before it has sent anything. */
const faults: Record<string, Fault> = {
  'after a Content-Length': (_request, response) => {
    response.setHeader('Content-Length', 64);
    fail();
  },
  'after headers of a document': (_request, response) => {
    response.setHeader('ETag', '"1"');
    response.setHeader('Cache-Control', 'public, max-age=31536000');
    response.setHeader('Content-Encoding', 'gzip');
    response.setHeader('Set-Cookie', ['session=1', 'other=2']);
    response.setHeader('Content-Type', 'image/png');
    fail();
  },
  'after a status without a body': (_request, response) => {
    response.statusCode = 304;
    fail();
  },
  'after a status message that no head may hold': (_request, response) => {
    response.statusMessage = 'a\nb';
    fail();
  },
  'after a status that is none': (_request, response) => {
    response.statusCode = 7;
    fail();
  },
  'with an object without a prototype': () => {
    throw Object.create(null);
  },
  'with an object that throws': () => {
    throw unshowable();
  },
  'with nothing': () => {
    throw undefined;
  },
  'by a promise': async (_request, response) => {
    response.setHeader('Content-Length', 64);
    await new Promise(setImmediate);
    fail();
  },
  'by a promise of another realm': () =>
    runInNewContext(`Promise.reject(new Error('out of order'))`) as unknown,
  'by a thenable': () => thenable((_done, failed) => failed(new Error('out of order'))),
  'by a thenable that throws': () => thenable(fail),
  'by a thenable whose then cannot be read': () =>
    Object.defineProperty({}, THEN, { get: fail }) as unknown,
  'after middleware that fails, too, when the head is written': (_request, response) => {
    response.writeHead = fail as never;
    fail();
  },
  'after middleware that waits, and does not end': (_request, response) => {
    response.end = (() => response) as never;
    response.removeHeader = fail;
    response.setHeader('Content-Length', 64);
    fail();
  },
  'after trailers': (_request, response) => {
    response.setHeader('Trailer', 'x-sum');
    response.addTrailers({ 'x-sum': '1' });
    fail();
  },
  'after it has asked for a body in chunks': (_request, response) => {
    response.chunkedEncoding = true;
    fail();
  },
  'and writes on': (_request, response) => {
    process.nextTick(() => response.write('late', () => response.end('later')));
    fail();
  },
  'while a stream is piped into its answer': (_request, response) => {
    Readable.from(['late', 'later']).pipe(response);
    fail();
  },
};

/** The answer is lost, and no more than it. */
const misuses: Record<string, Fault> = {
  'throws where its answer is destroyed': (_request, response) => {
    response.destroy = fail;
    response.write('half');
    fail();
  },
  'throws where its answer is frozen': (_request, response) => {
    Object.freeze(response);
    fail();
  },
  'destroys its request with an error, and its answer': (request, response) => {
    request.destroy(new Error('out of order'));
    response.destroy();
  },
  'destroys its answer with an error': (_request, response) => {
    response.destroy(new Error('out of order'));
  },
};

/** What a handler may have put something in the place of, and what is read of an answer. */
const readOfAnswers = [
  'writableEnded',
  'writableFinished',
  'destroyed',
  'headersSent',
  'statusCode',
];

/** The answer stands. */
const late: Record<string, Fault> = {
  'writes behind the end': (_request, response) => {
    response.end('whole');
    response.write('late');
  },
  'ends twice': (_request, response) => {
    response.end('whole');
    response.end('late');
  },
  'pipes behind the end': (_request, response) => {
    response.end('whole');
    Readable.from(['late', 'later']).pipe(response);
  },
};

describe.each(protocols)('a handler that fails over $name', (protocol) => {
  describe.each(Object.entries(faults))('%s', (_name, fault) => {
    it('answers 500 with none of its headers, and the next request is answered', async () => {
      const journal = new Journal();
      const handler = ((request: IncomingMessage, response: ServerResponse) =>
        request.url === '/' ? fault(request, response) : response.end('fine')) as HandlerEntry;
      const server = await serve(protocol.options, handler, journal);
      const client = await protocol.connect(server.url ?? '');
      opened.onClose(() => client.close());
      const { status, body, headers } = await client.ask('/');
      expect([status, body]).toEqual([500, '']);
      const ofNode = ['date', 'connection', 'keep-alive'];
      const rest = Object.keys(headers).filter((name) => !ofNode.includes(name));
      expect([rest, headers['content-length']]).toEqual([['content-length'], '0']);
      expect(await client.ask('/next')).toMatchObject({ status: 200, body: 'fine' });
      expect(journal.matching(/^error a .*handler failed on GET \//)).toHaveLength(1);
    });
  });

  it.each(Object.entries(misuses))('goes on when one %s', async (_name, misuse) => {
    const server = await serve(protocol.options, ((request, response) =>
      request.url === '/' ? misuse(request, response) : response.end('fine')) as HandlerEntry);
    const client = await protocol.connect(server.url ?? '');
    opened.onClose(() => client.close());
    expect(await client.ask('/').catch(() => 'lost')).toBe('lost');
    expect(await client.ask('/next')).toMatchObject({ status: 200, body: 'fine' });
  });

  it.each(readOfAnswers)(
    'goes on when one puts a %s that throws on its answer, and does not answer',
    async (name) => {
      const options = { ...protocol.options, maxHandlers: 1, writeTimeout: '100ms' } as const;
      const server = await serve(options, (request, response) => {
        if (request.url !== '/') return void response.end('fine');
        Object.defineProperty(response, name, { get: fail });
      });
      const ended: unknown[] = [];
      server.observe({ requestEnded: (request) => ended.push(request.url) });
      const client = await protocol.connect(server.url ?? '');
      opened.onClose(() => client.close());
      expect(await client.ask('/').catch(() => 'lost')).toBe('lost');
      while ((await client.ask('/next')).status === 503);
      expect(await client.ask('/next')).toMatchObject({ status: 200, body: 'fine' });
      expect(ended).toContain('/');
    },
  );

  it.each(Object.entries(late))('is served and goes on when one %s', async (_name, misuse) => {
    for (const express of [false, true]) {
      const server = await serve(
        { ...protocol.options },
        {
          request: misuse as RequestListener,
          express,
        },
      );
      const client = await protocol.connect(server.url ?? '');
      opened.onClose(() => client.close());
      expect(await client.ask('/').catch((error: Error) => error)).toMatchObject(
        protocol.version === '1.1' || express ? { status: 200, body: 'whole' } : {},
      );
      expect(server.isRunning()).toBe(true);
    }
  });

  it('leaves an answer whole that was ended before', async () => {
    const server = await serve(protocol.options, (_request, response) => {
      response.end('whole');
      fail();
    });
    const client = await protocol.connect(server.url ?? '');
    opened.onClose(() => client.close());
    expect(await client.ask('/')).toMatchObject({ status: 200, body: 'whole' });
  });

  it.each<[string, () => unknown]>([['throws', fail]])(
    'is answered when the logger %s',
    async (_name, error) => {
      const logger = { log: () => undefined, warn: () => undefined, error: error as () => void };
      const server = await serve(protocol.options, fail, logger);
      const client = await protocol.connect(server.url ?? '');
      opened.onClose(() => client.close());
      expect((await client.ask('/')).status).toBe(500);
      expect((await client.ask('/')).status).toBe(500);
    },
  );
});

it('says Connection: close where the failed answer is the last one', async () => {
  const server = await serve({ disableKeepAlive: true }, fail);
  const client = await RawClient.connect(server.url ?? '');
  client.send(get('/'));
  expect(await client.closed).toBeUndefined();
  expect(client.received).toMatch(/^HTTP\/1\.1 500 Internal Server Error\r\n/);
  expect(client.received).toContain('\r\nConnection: close\r\n');
});

describe('the log of handlers that fail', () => {
  it('is limited, and counts what it leaves out', async () => {
    const journal = new Journal();
    const server = await serve({}, fail, journal);
    const client = await RawClient.connect(server.url ?? '');
    opened.onClose(() => client.close());
    client.send(get('/').repeat(500) + get('/last', 'Connection: close'));
    await client.closed;
    await server.stop();
    const lines = journal.matching(/handler failed/).length;
    expect(lines).toBeGreaterThanOrEqual(10);
    expect(lines).toBeLessThan(100);
    const counts = journal.lines.map((line) =>
      Number(/(\d+) more failures? /.exec(line)?.[1] ?? 0),
    );
    expect(lines + counts.reduce((sum, count) => sum + count, 0)).toBe(501);
  });

  it('shows no control character of a path or a message', async () => {
    const journal = new Journal();
    const server = await serve(
      { protocol: 'http2' },
      (request) => {
        throw new Error(`no such page: ${request.headers['x-page'] as string}`);
      },
      journal,
    );
    const client = await protocols[2]?.connect(server.url ?? '');
    opened.onClose(() => client?.close());
    await client?.ask('/a\u0085b', { headers: { 'x-page': 'x\u009by' } });
    const [line = ''] = journal.matching(/handler failed/);
    expect(line).toMatch(/handler failed/);
    expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  });
});

it.each(protocols)('the log of a stop that cut a request names it: $name', async (protocol) => {
  const journal = new Journal();
  const server = await serve(protocol.options, () => undefined, journal);
  const client = await protocol.connect(server.url ?? '');
  opened.onClose(() => client.close());
  const asked = client.ask('/stop?token=secret', { method: 'POST' }).catch(() => undefined);
  while (server.stats().inFlight === 0) await new Promise(setImmediate);
  await server.stop({ timeout: 0 });
  await asked;
  expect(journal.matching(/cut .*POST \/stop/)).toHaveLength(1);
  expect(journal.matching(/secret/)).toEqual([]);
});
