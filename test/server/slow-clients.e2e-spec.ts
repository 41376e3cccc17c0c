import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { connect as connectHttp2, type ClientHttp2Stream } from 'node:http2';
import { Readable } from 'node:stream';
import { setImmediate, setTimeout as wait } from 'node:timers/promises';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { HandlerEntry, PooledServer, ServerOptions } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { gate } from '../support/events.js';
import { echo, Journal, LOOPBACK } from '../support/handlers.js';
import { Http2Client } from '../support/http2-client.js';
import { Opened } from '../support/opened.js';
import { protocols, type Protocol } from '../support/protocols.js';
import { get, RawClient } from '../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

/** Short, for every test waits for it. */
const SLOW = { bytesPerSecond: 10_000, grace: '200ms' } as const;

const serve = async (
  options: Partial<ServerOptions>,
  handler: HandlerEntry,
  logger = new Journal(),
): Promise<PooledServer> => {
  const config = { name: 'a', listen: LOOPBACK, ...options };
  const server = opened.server(config, { handlers: () => ({ default: handler }), logger });
  await server.start();
  return server;
};

const POST = { ':path': '/', ':method': 'POST', 'content-type': 'application/json' };

/** A request whose body is sent by hand. */
interface Upload {
  send(bytes: string): void;
  end(): void;
  /** The status; undefined where the exchange ended without an answer that is whole. */
  readonly answered: Promise<number | undefined>;
}

async function upload({ url = '', tls }: PooledServer, protocol: Protocol): Promise<Upload> {
  if (protocol.version === '2.0') {
    const session = connectHttp2(url, { rejectUnauthorized: false });
    session.on('error', () => undefined);
    opened.onClose(() => session.destroy());
    return uploadOn(session.request(POST));
  }
  const client = await (tls ? RawClient.connectTls(url) : RawClient.connect(url));
  opened.onClose(() => client.close());
  client.send(
    get('/', 'Content-Type: application/json', 'Content-Length: 1000000').replace('GET', 'POST'),
  );
  return {
    send: (bytes) => client.send(bytes),
    end: () => undefined,
    answered: Promise.race([client.until('\r\n\r\n'), client.closed]).then(
      () => Number(client.received.split(' ')[1]) || undefined,
      () => undefined,
    ),
  };
}

function uploadOn(stream: ClientHttp2Stream): Upload {
  let status: number | undefined;
  stream.on('error', () => (status = undefined));
  stream.on('response', (headers) => (status = headers[':status']));
  return {
    send: (bytes) => void stream.write(bytes),
    end: () => void stream.end(),
    answered: once(stream.resume(), 'close')
      // Node 20 never comes back when another stream is closed in the same turn.
      .then(() => setImmediate())
      .then(() => status),
  };
}

/** Sends a little all along, until it is answered. */
async function drip({ send, answered }: Upload): Promise<number | undefined> {
  const timer = setInterval(() => send('x'), 20);
  return answered.finally(() => clearInterval(timer));
}

/** Answers only when it has the whole body, as most handlers do. */
const whole: RequestListener = (request, response) => {
  request.resume().on('end', () => {
    response.setHeader('x-read', 'all');
    response.writeHead(200).end('read');
  });
};

describe.each(protocols)('minRequestRate over $name', (protocol) => {
  const { options } = protocol;

  it('answers 408 to a body that drips, counts it as that, and says so', async () => {
    const logger = new Journal();
    const server = await serve({ ...options, minRequestRate: SLOW }, whole, logger);
    const statuses: unknown[] = [];
    server.observe({ requestEnded: (_request, _response, { status }) => statuses.push(status) });
    expect(await drip(await upload(server, protocol))).toBe(408);
    while (statuses.length === 0) await wait(5);
    expect(statuses).toEqual([408]);
    while (server.stats().inFlight > 0) await wait(5);
    expect(logger.matching(/cut/)).toEqual([
      expect.stringMatching(
        /^warn a \(.*\): POST \/ of 127\.0\.0\.1 was cut: its body came below the minRequestRate of 10000 bytes a second$/,
      ),
    ]);
  });

  it('breaks off an answer that was begun', async () => {
    const server = await serve({ ...options, minRequestRate: SLOW }, (_request, response) => {
      response.write('begun');
    });
    const { send, answered } = await upload(server, protocol);
    const timer = setInterval(() => send('x'), 20);
    const client = await answered.finally(() => clearInterval(timer));
    // Over HTTP/1 the head was read, and then the connection ended.
    expect([200, undefined]).toContain(client);
    while (server.stats().inFlight > 0) await wait(5);
    expect(server.stats().inFlight).toBe(0);
  });

  it('leaves alone who is fast enough, and who waits for a handler that does not read', async () => {
    const reads = gate();
    const server = await serve({ ...options, minRequestRate: SLOW }, (request, response) => {
      request.pause();
      void reads.opened.then(() => {
        request.resume();
        response.writeHead(200).end('read');
      });
    });
    const waiting = await upload(server, protocol);
    // More than the buffers hold, so that the client can't send it all.
    waiting.send('x'.repeat(999_000));
    const steady = await upload(server, protocol);
    for (let count = 0; count < 20; count += 1) {
      steady.send('x'.repeat(20_000));
      await wait(20);
    }
    expect(server.stats().inFlight).toBe(2);
    reads.open();
    waiting.send('x'.repeat(1000));
    waiting.end();
    expect(await waiting.answered).toBe(200);
  });
});

describe('minRequestRate', () => {
  const express = (): HandlerEntry => {
    const adapter = new ExpressAdapter();
    adapter.registerParserMiddleware();
    const app = adapter.getInstance() as { post(path: string, handler: RequestListener): void };
    app.post('/', (_request, response) => void response.end('parsed'));
    return app as unknown as HandlerEntry;
  };
  const fastify = async (): Promise<HandlerEntry> => {
    const adapter = new FastifyAdapter();
    const app = adapter.getInstance();
    app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) =>
      done(null, body),
    );
    app.post('/', () => 'parsed');
    await app.ready();
    return (request, response) => app.routing(request as never, response as never);
  };

  it.each([
    ['Express', 'http', express],
    ['Express', 'h2', express],
    ['Fastify', 'https', fastify],
  ] as const)('answers 408 in the place of %s over %s', async (_framework, name, make) => {
    const protocol = protocols.find((each) => each.name === name)!;
    const server = await serve({ ...protocol.options, minRequestRate: SLOW }, await make());
    expect(await drip(await upload(server, protocol))).toBe(408);
  });

  it('leaves the other streams of its connection alone', async () => {
    const protocol = { protocol: 'http2', minRequestRate: SLOW } as const;
    const server = await serve(protocol, (request, response) => {
      if (request.method === 'POST') whole(request, response);
      else response.write('begun');
    });
    const session = connectHttp2(server.url!);
    opened.onClose(() => session.destroy());
    const other = session.request({ ':path': '/' });
    const slow = uploadOn(session.request(POST));
    expect(await drip(slow)).toBe(408);
    expect([other.closed, session.closed]).toEqual([false, false]);
  });

  it('counts nothing before a handler has asked for the body by 100 Continue', async () => {
    const asks = gate();
    const handler: HandlerEntry = {
      request: echo,
      checkContinue: (request, response) => {
        void asks.opened.then(() => {
          response.writeContinue();
          echo(request, response);
        });
      },
    };
    const server = await serve({ minRequestRate: SLOW }, handler);
    const client = await RawClient.connect(server.url!);
    client.send(get('/', 'Expect: 100-continue', 'Content-Length: 4').replace('GET', 'POST'));
    await wait(400);
    asks.open();
    await client.until('100 Continue\r\n\r\n');
    client.send('body');
    expect(await client.until('body')).toContain('HTTP/1.1 200 OK');
    await client.close();
  });

  it('waits for the answers in front of a request that was pipelined', async () => {
    const answers = gate();
    const server = await serve({ minRequestRate: SLOW }, (request, response) => {
      if (request.method === 'POST') whole(request, response);
      else void answers.opened.then(() => response.end('first'));
    });
    const client = await RawClient.connect(server.url!);
    opened.onClose(() => client.close());
    client.send(get('/') + get('/', 'Content-Length: 9').replace('GET', 'POST'));
    await wait(400);
    expect(client.received).toBe('');
    answers.open();
    await client.until('HTTP/1.1 408 ');
    expect(client.received).toMatch(/^HTTP\/1\.1 200 OK[^]*\r\n\r\nfirstHTTP\/1\.1 408 /);
  });

  it('is taken up, and given up, while the server runs', async () => {
    const [protocol] = protocols as [Protocol];
    const server = await serve({}, whole);
    const before = await upload(server, protocol);
    while (server.stats().inFlight === 0) await wait(5);
    const config = { name: 'a', listen: LOOPBACK };
    await server.setConfig({ ...config, minRequestRate: SLOW });
    expect(await drip(await upload(server, protocol))).toBe(408);
    const held = await upload(server, protocol);
    await server.setConfig({ ...config, minRequestRate: 0 });
    await wait(400);
    for (const each of [before, held]) each.send('x'.repeat(1_000_000));
    expect([await before.answered, await held.answered]).toEqual([200, 200]);
  });

  it('is one rate, however it is written', async () => {
    const pool = opened.pool();
    const config = { name: 'a', listen: LOOPBACK };
    await pool.apply([{ ...config, minRequestRate: 240 }]);
    const same = { ...config, minRequestRate: { bytesPerSecond: 240, grace: '5s' } };
    expect((await pool.apply([same], { dryRun: true })).keep).toEqual(['a']);
    for (const minRequestRate of ['fast', -1, { grace: '1s' }, { bytesPerSecond: 1, grace: 0 }]) {
      const refused = pool.apply([{ ...config, minRequestRate } as ServerOptions]);
      await expect(refused).rejects.toThrow(/servers\[0\]\.minRequestRate/);
    }
  });
});

describe('minResponseRate', () => {
  /** Asks, and reads nothing of the answer. */
  const ignoring = async (server: PooledServer, { version }: Protocol, path: string) => {
    const { url = '', tls } = server;
    if (version === '2.0') {
      const session = connectHttp2(url, { rejectUnauthorized: false });
      session.on('error', () => undefined);
      opened.onClose(() => session.destroy());
      const stream = session.request({ ':path': path });
      stream.on('error', () => undefined);
      await once(stream, 'response');
      return stream;
    }
    const client = await (tls ? RawClient.connectTls(url) : RawClient.connect(url));
    opened.onClose(() => client.close());
    client.socket.pause();
    client.send(get(path));
    return client.socket;
  };

  const handler: RequestListener = ({ url }: IncomingMessage, response) => {
    if (url === '/much') return void response.end(Buffer.alloc(30_000_000));
    // An event, and no more for long.
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: 1\n\n');
  };

  it('cuts who does not read, on every protocol, and nobody to whom nothing is owed', async () => {
    const minResponseRate = { bytesPerSecond: 10_000, grace: '100ms' };
    const tried = protocols.map(async (protocol) => {
      const logger = new Journal();
      const server = await serve({ ...protocol.options, minResponseRate }, handler, logger);
      const quiet = await ignoring(server, protocol, '/events');
      await ignoring(server, protocol, '/much');
      while (server.stats().inFlight < 2) await wait(5);
      const cut = /GET \/much of 127\.0\.0\.1 was cut: it was read below the minResponseRate/;
      while (logger.matching(cut).length === 0) await wait(20);
      while (server.stats().inFlight > 1) await wait(5);
      expect([server.stats().inFlight, quiet.destroyed]).toEqual([1, false]);
    });
    await Promise.all(tried);
  });

  it.each<[string, Partial<ServerOptions>]>([
    ['h2c', {}],
    ['h2', { tls }],
  ])(
    'holds each stream by itself over %s, whatever else its client does',
    async (_name, secure) => {
      const minResponseRate = { bytesPerSecond: 10_000, grace: '100ms' };
      const logger = new Journal();
      const server = await serve(
        { protocol: 'http2', minResponseRate, ...secure },
        (request, response) => {
          if (request.url === '/steady') return void response.end(Buffer.alloc(4_000_000, 'ab'));
          if (request.url === '/slow') return void response.end('x'.repeat(100_000));
          response.write('x'.repeat(60_000), () => undefined);
          response.end('x'.repeat(60_000));
        },
        logger,
      );
      const session = connectHttp2(server.url!, { rejectUnauthorized: false });
      session.on('error', () => undefined);
      opened.onClose(() => session.destroy());
      const pings = setInterval(() => session.ping(() => undefined), 10);
      opened.onClose(() => clearInterval(pings));
      const closed = (stream: ClientHttp2Stream): Promise<number> =>
        once(
          stream.on('error', () => undefined),
          'close',
        ).then(() => stream.rstCode);
      // Neither reads: each has the window of a stream to itself.
      const slow = ['/slow', '/slower'].map((path) => session.request({ ':path': path }));
      const steady = session.request({ ':path': '/steady' });
      let read = 0;
      const reader = setInterval(() => {
        const chunk = steady.read(8192) as Buffer | null;
        read += chunk?.length ?? 0;
      }, 20);
      opened.onClose(() => clearInterval(reader));
      const whole = closed(steady);
      expect(await Promise.all(slow.map(closed))).toEqual([8, 8]);
      expect([steady.closed, session.closed]).toEqual([false, false]);
      expect(logger.matching(/GET \/slow.* was cut: it was read below/)).toHaveLength(2);
      expect(await whole).toBe(0);
      expect(read).toBe(4_000_000);
    },
  );

  it('serves a client of HTTP/2 that reads little at once, and fast enough', async () => {
    const logger = new Journal();
    const server = await serve(
      { protocol: 'http2', minResponseRate: { bytesPerSecond: 1000, grace: '100ms' } },
      (_request, response) => void response.end(Buffer.alloc(20_000)),
      logger,
    );
    const session = connectHttp2(server.url!, { settings: { initialWindowSize: 1000 } });
    session.on('error', () => undefined);
    opened.onClose(() => session.destroy());
    const stream = session.request({ ':path': '/' });
    const closed = once(stream, 'close');
    const began = performance.now();
    let read = 0;
    const reader = setInterval(() => {
      // As much as is due by now, were the machine ever so slow.
      while (read < (performance.now() - began) * 3) {
        const chunk = stream.read(100) ?? stream.read();
        if (chunk === null) return;
        read += (chunk as Buffer).length;
      }
    }, 20);
    opened.onClose(() => clearInterval(reader));
    await closed;
    expect([read, stream.rstCode, logger.matching(/was cut/)]).toEqual([20_000, 0, []]);
  });

  it.each(['raw', 'Express'])(
    'sends every byte of an answer as it is over HTTP/2: %s',
    async (by) => {
      const long = 'wörd'.repeat(10_000);
      const parts: [string | Buffer, BufferEncoding?][] = [
        ['short'],
        [long],
        [Buffer.from(long, 'latin1')],
        [Buffer.from(long).toString('base64'), 'base64'],
        [''],
        [long, 'latin1'],
      ];
      const flushed = gate();
      const request: RequestListener = (asked, response) => {
        if (asked.url === '/piped')
          return void Readable.from(parts.map(([part]) => part)).pipe(response);
        if (asked.url === '/whole') return void response.end(long, flushed.open);
        for (const part of parts) response.write(...(part as [string, BufferEncoding]));
        response.addTrailers({ 'x-sum': '1' });
        response.end(long, 'utf8');
      };
      const server = await serve(
        { protocol: 'http2', minResponseRate: 1 },
        { request, express: by === 'Express' },
      );
      const client = await Http2Client.connect(server.url!);
      opened.onClose(() => client.close());
      const expected = (withEncodings: boolean): string =>
        Buffer.concat(
          parts.map(([part, encoding]) =>
            Buffer.isBuffer(part) ? part : Buffer.from(part, withEncodings ? encoding : 'utf8'),
          ),
        ).toString();
      expect((await client.ask('/written')).body).toBe(expected(true) + long);
      expect((await client.ask('/whole')).body).toBe(long);
      await flushed.opened;
      expect((await client.ask('/piped')).body).toBe(expected(false));
    },
  );
});
