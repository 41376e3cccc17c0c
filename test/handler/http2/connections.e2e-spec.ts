import { once } from 'node:events';
import { createServer, IncomingMessage } from 'node:http';
import { constants, type ClientHttp2Stream } from 'node:http2';
import { finished, pipeline, Readable } from 'node:stream';
import express, { type Request, type Response } from 'express';
import session from 'express-session';
import { WebSocket, WebSocketServer } from 'ws';
import { afterEach, describe, expect, it } from '@jest/globals';
import { serverOf, type HandlerEntry, type PooledServer } from '../../../lib/index.js';
import { ca, tls } from '../../support/certificates.js';
import { gate } from '../../support/events.js';
import { Journal, LOOPBACK } from '../../support/handlers.js';
import { ask, text } from '../../support/http-client.js';
import { Http2Client } from '../../support/http2-client.js';
import { MuteHttp2Client } from '../../support/http2-frames.js';
import { Opened } from '../../support/opened.js';
import { expresses } from './support/express-app.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const logger = new Journal();

describe.each([
  ['h2c', {}],
  ['h2', { tls }],
])('Express over %s', (_protocol, secure) => {
  const open = async (
    handler: HandlerEntry,
    options = {},
  ): Promise<{ server: PooledServer; client: Http2Client }> => {
    const server = opened.server(
      { name: 'a', listen: LOOPBACK, protocol: 'http2', ...secure, ...options },
      { handlers: () => ({ default: handler }), logger },
    );
    await server.start();
    const client = await Http2Client.connect(server.url ?? '');
    opened.onClose(() => client.close());
    return { server, client };
  };

  const send = (client: Http2Client, path: string, headers = {}): ClientHttp2Stream => {
    const stream = client.session.request({ ':path': path, ...headers });
    stream.on('error', () => undefined);
    return stream;
  };

  it('carries many requests of one session at once, each with its own application', async () => {
    const app = express();
    const child = express();
    child.get(
      '/:id',
      (req, res) => void setImmediate(() => res.json([req.params.id, req.baseUrl])),
    );
    app.use('/child', child);
    const { client } = await open(app);
    const ids = Array.from({ length: 100 }, (_, id) => String(id));
    const answers = await Promise.all(ids.map((id) => client.ask(`/child/${id}`)));
    expect(answers.map(({ body }) => JSON.parse(body))).toEqual(ids.map((id) => [id, '/child']));
  });

  it.each(expresses)('has no status message that could be wrong: %s', async (_name, ofVersion) => {
    const app = ofVersion();
    app.get('/thrown', (_req, res) => {
      res.statusMessage = 'a\nb';
      throw new Error('out of order');
    });
    app.get('/set', (_req, res) => {
      res.statusMessage = 'a\nb';
      res.send('set');
    });
    app.get('/written', (_req, res) => void res.writeHead(202, 'a\nb', { 'X-A': '1' }).end());
    const { client } = await open(app);
    const answers = await Promise.all(
      ['/thrown', '/set', '/written'].map((path) => client.ask(path)),
    );
    expect(answers.map(({ status }) => status)).toEqual([500, 200, 202]);
    expect(answers[2]?.headers['x-a']).toBe('1');
  });

  it('finds the server that accepted a request', async () => {
    const app = express();
    app.get('/', (req, res) => void res.json(serverOf(req)?.name ?? null));
    const { client } = await open(app);
    expect((await client.ask('/')).body).toBe('"a"');
  });

  it('believes the authority, whatever a host beside it says', async () => {
    const app = express();
    app.get('/', (req, res) => void res.json([req.hostname, req.headers.host]));
    const { client } = await open(app);
    const headers = { ':authority': 'real.example', host: 'other.example' };
    expect((await client.ask('/', { headers })).body).toBe('["real.example","real.example"]');
  });

  it('gives a request as HTTP/1 has it, and its stream', async () => {
    const app = express();
    app.post('/', (req, res) => {
      const names = Object.keys(req.headers).filter((name) => name.startsWith(':'));
      const { stream, authority, scheme } = req as unknown as Record<string, unknown>;
      const isStream = stream === (res as unknown as { stream: unknown }).stream;
      res.json([
        req.httpVersion,
        names,
        req instanceof IncomingMessage,
        isStream,
        scheme,
        authority,
      ]);
    });
    const { client } = await open(app);
    const [version, names, isMessage, isStream, scheme, authority] = JSON.parse(
      (await client.ask('/', { method: 'POST', headers: { ':authority': 'x.example' } })).body,
    ) as unknown[];
    expect([version, names, isMessage, isStream]).toEqual(['2.0', [], true, true]);
    expect([scheme, authority]).toEqual(['tls' in secure ? 'https' : 'http', 'x.example']);
  });

  it('pushes server-sent events, and learns that the client has left', async () => {
    const left = gate();
    const app = express();
    app.get('/', (req, res) => {
      req.socket.setKeepAlive(true);
      req.socket.setNoDelay(true);
      req.socket.setTimeout(0);
      res.set({ 'Content-Type': 'text/event-stream', Connection: 'keep-alive' }).flushHeaders();
      res.write('data: one\n\n');
      req.on('close', () => left.open());
    });
    const { client } = await open(app);
    const stream = send(client, '/');
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(String((await once(stream, 'data'))[0])).toBe('data: one\n\n');
    stream.close(constants.NGHTTP2_CANCEL);
    await left.opened;
  });

  it('tells who sends a file that the client has left', async () => {
    const failed = gate();
    let code: unknown;
    const app = express();
    app.get('/', (_req, res) => {
      stream.close(constants.NGHTTP2_CANCEL);
      res.once('close', () => {
        res.sendFile(new URL(import.meta.url).pathname, (error) => {
          code = (error as NodeJS.ErrnoException).code;
          failed.open();
        });
      });
    });
    const { client } = await open(app);
    const stream = send(client, '/');
    await failed.opened;
    expect(code).toBe('ECONNABORTED');
  });

  it.each([
    ['res.destroy()', (_req: Request, res: Response) => void res.destroy()],
    ['req.destroy()', (req: Request) => void req.destroy()],
    ['req.socket.destroy()', (req: Request) => void req.socket.destroy()],
  ])('shows its client that %s cut the answer', async (_name, cut) => {
    const app = express();
    app.post('/', (req, res) => {
      res.write('half');
      setImmediate(() => cut(req, res));
    });
    app.get('/', (_req, res) => void res.send('still here'));
    const { client } = await open(app);
    await expect(client.ask('/', { method: 'POST', body: 'x' })).rejects.toThrow('INTERNAL_ERROR');
    expect((await client.ask('/')).body).toBe('still here');
  });

  it('cuts an answer whose handler fails when the half of it is sent', async () => {
    const app = express();
    app.set('env', 'test');
    app.get('/', (_req, res, next) => {
      res.write('half');
      setImmediate(() => next(new Error('too late')));
    });
    const { client } = await open(app);
    await expect(client.ask('/')).rejects.toThrow('INTERNAL_ERROR');
  });

  it('holds a writer back until its client reads', async () => {
    const held = gate();
    const drained = gate();
    let wrote = 0;
    const app = express();
    app.get('/', async (_req, res) => {
      const chunk = Buffer.alloc(64 * 1024, 'x');
      while (wrote < 64) {
        wrote += 1;
        if (res.write(chunk)) continue;
        expect(res.writableNeedDrain).toBe(true);
        held.open();
        await once(res, 'drain');
        expect(res.writableNeedDrain).toBe(false);
      }
      res.end(() => drained.open());
    });
    const { client } = await open(app);
    const stream = send(client, '/');
    await held.opened;
    expect(wrote).toBeLessThan(64);
    let read = 0;
    for await (const chunk of stream) read += (chunk as Buffer).length;
    expect(read).toBe(64 * 64 * 1024);
    await drained.opened;
  });

  it('holds a client back until its handler reads', async () => {
    const entered = gate();
    const release = gate();
    const app = express();
    app.post('/', async (req, res) => {
      entered.open();
      await release.opened;
      let read = 0;
      for await (const chunk of req) read += (chunk as Buffer).length;
      res.json(read);
    });
    const { client } = await open(app);
    const answer = client.ask('/', { method: 'POST', body: Buffer.alloc(3_000_000) });
    await entered.opened;
    release.open();
    expect((await answer).body).toBe('3000000');
  });

  it('answers early what it does not read, and the client may stop', async () => {
    const app = express();
    app.post('/', (_req, res) => void res.status(413).send('too much'));
    const { client } = await open(app);
    const stream = send(client, '/', { ':method': 'POST' });
    const endless = Readable.from(
      (function* chunks() {
        for (;;) yield Buffer.alloc(16_000);
      })(),
    );
    pipeline(endless, stream, () => undefined);
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(headers[':status']).toBe(413);
    stream.resume();
    await new Promise((resolve) => stream.once('close', resolve));
  });

  it('reads and sends trailers', async () => {
    const app = express();
    app.post('/', (req, res) => {
      req.resume().on('end', () => {
        res.write('body');
        res.addTrailers({ 'X-Seen': String(req.trailers['x-sent']) });
        res.addTrailers({
          'X-Seen': String(req.trailers['x-sent']),
          'X-Raw': req.rawTrailers.join(),
        });
        res.end();
      });
    });
    const { client } = await open(app);
    const stream = client.session.request(
      { ':path': '/', ':method': 'POST' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sent': 'checksum' }));
    stream.end('data');
    stream.resume();
    const [trailers] = (await once(stream, 'trailers')) as [Record<string, unknown>];
    expect(trailers).toMatchObject({ 'x-seen': 'checksum', 'x-raw': 'x-sent,checksum' });
  });

  it('sends what comes before an answer', async () => {
    const app = express();
    app.get('/', (_req, res) => {
      res.writeProcessing();
      res.writeEarlyHints({ link: '</style.css>; rel=preload' });
      setImmediate(() => res.send('answer'));
    });
    const { client } = await open(app);
    const stream = send(client, '/');
    const informed: unknown[] = [];
    stream.on('headers', (headers) => informed.push(headers[':status'], headers.link));
    stream.resume();
    await once(stream, 'end');
    expect(informed).toEqual([102, undefined, 103, '</style.css>; rel=preload']);
  });

  it('lets a client go on that waits for 100', async () => {
    const app = express();
    app.use(express.text());
    app.post('/', (req, res) => void res.send(req.body));
    const { client } = await open(app);
    const headers = { expect: '100-continue', 'content-type': 'text/plain' };
    const stream = send(client, '/', { ':method': 'POST', ...headers });
    await once(stream, 'continue');
    stream.end('body');
    expect(String((await once(stream, 'data'))[0])).toBe('body');
  });

  it('leaves it to who asked for it whether a client may go on', async () => {
    const app = express();
    app.post('/', (req, res) => {
      res.writeContinue();
      req.pipe(res);
    });
    const { client } = await open({ request: app, checkContinue: app });
    const stream = send(client, '/', { ':method': 'POST', expect: '100-continue' });
    await once(stream, 'continue');
    stream.end('body');
    expect(String((await once(stream, 'data'))[0])).toBe('body');
  });

  it('calls back when an answer has taken too long, and cuts it when nobody listens', async () => {
    const app = express();
    app.get(
      '/heard',
      (_req, res) => void res.setTimeout(20, () => void res.status(503).send('slow')),
    );
    app.get('/unheard', (req) => void req.socket.setTimeout(20));
    const { client } = await open(app);
    expect((await client.ask('/heard')).body).toBe('slow');
    await expect(client.ask('/unheard')).rejects.toThrow('INTERNAL_ERROR');
  });

  it('answers an error for a status that HTTP/2 has not', async () => {
    const app = express();
    app.set('env', 'test');
    app.get('/:status', (req, res) => void res.status(Number(req.params.status)).end());
    const { client } = await open(app);
    for (const status of [101, 600, 999]) {
      const answer = await client.ask(`/${status}`);
      expect([answer.status, answer.body]).toEqual([
        500,
        expect.stringMatching(/RangeError.*status code/),
      ]);
    }
  });

  it('frees the place of a request whose client has left, whatever its method', async () => {
    const waiting = gate();
    const app = express();
    app.all('/wait', () => waiting.open());
    app.get('/', (_req, res) => void res.send('free'));
    const { client, server } = await open(app, { maxHandlers: 1 });
    const stream = send(client, '/wait', { ':method': 'HEAD' });
    await waiting.opened;
    const closed = once(stream, 'close');
    stream.close(constants.NGHTTP2_CANCEL);
    await closed;
    while (server.stats().inFlight > 0) await new Promise(setImmediate);
    expect((await client.ask('/')).status).toBe(200);
  });

  it('keeps a session by its cookie', async () => {
    const app = express();
    app.use(session({ secret: 'keyboard cat', resave: false, saveUninitialized: true }));
    app.get('/', (req, res) => {
      const kept = req.session as unknown as { visits?: number };
      kept.visits = (kept.visits ?? 0) + 1;
      res.json(kept.visits);
    });
    const { client } = await open(app);
    const first = await client.ask('/');
    const cookie = String(first.headers['set-cookie']).split(';', 1)[0] as string;
    expect([first.body, (await client.ask('/', { headers: { cookie } })).body]).toEqual(['1', '2']);
  });

  it('takes an application in a function of its own, which says so', async () => {
    const app = express();
    app.get('/', (req, res) => void res.send(`wrapped ${req.hostname}`));
    const { client } = await open({
      request: (req, res) => {
        res.setHeader('X-Before', '1');
        app(req, res);
      },
      express: true,
    });
    const answer = await client.ask('/', { headers: { ':authority': 'x.example' } });
    expect([answer.body, answer.headers['x-before']]).toEqual(['wrapped x.example', '1']);
  });

  it('drains: an answer under way comes whole, and the session goes away', async () => {
    const entered = gate();
    const release = gate();
    const app = express();
    app.get('/', async (_req, res) => {
      entered.open();
      await release.opened;
      res.send('whole');
    });
    const { client, server } = await open(app);
    const answer = client.ask('/');
    await entered.opened;
    const stopped = server.stop();
    release.open();
    expect((await answer).body).toBe('whole');
    expect((await stopped).timedOut).toBe(false);
  });
});

describe('Express over h2c, whose client takes a request back', () => {
  it.each([
    ['by CANCEL', (client: MuteHttp2Client) => client.reset(constants.NGHTTP2_CANCEL)],
    ['by NO_ERROR', (client: MuteHttp2Client) => client.reset(constants.NGHTTP2_NO_ERROR)],
    ['with the connection', (client: MuteHttp2Client) => void client.raw.socket.destroy()],
  ])('tells %s what HTTP/1 tells, and half a body is not the whole', async (_how, abort) => {
    const seen: string[] = [];
    const [begun, over] = [gate(), gate()];
    const app = express();
    app.post('/', (req, res) => {
      for (const event of ['end', 'aborted', 'close'])
        req.on(event, () => seen.push(`req ${event}`));
      req.on('error', (error: NodeJS.ErrnoException) => seen.push(`error ${error.code}`));
      res.on('finish', () => seen.push('finish'));
      res.on('close', () => seen.push(`res close ${res.writableFinished} ${res.destroyed}`));
      finished(req, () => setImmediate(() => over.open()));
      req.once('data', () => begun.open());
    });
    const server = opened.server(
      { name: 'a', listen: LOOPBACK, protocol: 'http2' },
      { handlers: () => ({ default: app }) },
    );
    await server.start();
    const client = await MuteHttp2Client.connect(server.url ?? '');
    opened.onClose(() => client.raw.close());
    client.post();
    client.data('half');
    await begun.opened;
    abort(client);
    await over.opened;
    expect(seen).toEqual(['req aborted', 'res close false true', 'error ECONNRESET', 'req close']);
  });
});

describe.each(expresses)('%s behind one server of both protocols', (_name, express4or5) => {
  it('is left as it is: over HTTP/1.1, alone, and beside another application', async () => {
    const app = express4or5();
    app.get('/', (req, res) => void res.send(req.httpVersion));
    const before = [app.request, app.response, Object.getPrototypeOf(app.request)];
    const handle: unknown = Reflect.get(app, 'handle');
    const server = opened.server(
      { name: 'a', listen: LOOPBACK, protocol: 'http2', tls },
      { handlers: () => ({ default: app }) },
    );
    await server.start();
    const client = await Http2Client.connect(server.url ?? '');
    opened.onClose(() => client.close());
    expect((await client.ask('/')).body).toBe('2.0');
    expect(await text(server.url)).toBe('1.1');
    expect([app.request, app.response, Object.getPrototypeOf(app.request)]).toEqual(before);
    expect(Reflect.get(app, 'handle')).toBe(handle);
    const alone = createServer(app).listen(0, '127.0.0.1');
    opened.onClose(() => alone.close());
    await once(alone, 'listening');
    const { port } = alone.address() as { port: number };
    expect(await text(`http://127.0.0.1:${port}`)).toBe('1.1');
  });

  it('shares the server with WebSockets', async () => {
    const app = express4or5();
    app.get('/', (req, res) => void res.send(req.httpVersion));
    const sockets = new WebSocketServer({ noServer: true });
    opened.onClose(() => sockets.close());
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
    const server = opened.server(
      { name: 'a', listen: LOOPBACK, protocol: 'http2', tls },
      {
        handlers: () => ({
          default: {
            request: app,
            upgrade: (request, socket, head) =>
              sockets.handleUpgrade(request, socket, head, (client) =>
                sockets.emit('connection', client),
              ),
          },
        }),
      },
    );
    await server.start();
    const url = server.url ?? '';
    const socket = new WebSocket(url.replace('https', 'wss'), { ca: ca.cert });
    opened.onClose(() => socket.terminate());
    await once(socket, 'open');
    socket.send('hello');
    expect(String((await once(socket, 'message'))[0])).toBe('hello');
    const client = await Http2Client.connect(url);
    opened.onClose(() => client.close());
    expect((await client.ask('/')).body).toBe('2.0');
    expect((await ask(url)).body).toBe('1.1');
  });
});

describe('the requests of HTTP/1.1 on a server of both protocols', () => {
  it('are those of Node, untouched', async () => {
    const seen: unknown[] = [];
    const app = express();
    app.get('/', (req, res) => {
      seen.push(Object.hasOwn(req, '_read'), Object.hasOwn(res, '_send'));
      res.end();
    });
    const server = opened.server(
      { name: 'a', listen: LOOPBACK, protocol: 'http2', tls },
      { handlers: () => ({ default: app }) },
    );
    await server.start();
    await text(server.url);
    expect(seen).toEqual([false, false]);
  });
});
