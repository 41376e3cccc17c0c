import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import {
  connect as connectHttp2,
  constants,
  createSecureServer as createSecureHttp2,
  createServer as createHttp2,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer as createHttps } from 'node:https';
import {
  connect,
  createSecureContext,
  createServer as createTlsServer,
  TLSSocket,
  type TlsOptions,
} from 'node:tls';
import {
  connect as connectTcp,
  createServer as createTcpServer,
  Socket,
  type Server,
} from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { TlsMaterial } from '../../../tls/tls-material.js';
import { ca, first, second, tls } from '../../../../test/support/certificates.js';
import { get, RawClient } from '../../../../test/support/raw-client.js';
import {
  breakOffSession,
  countReceived,
  countSent,
  isSendingFile,
  setTrailerOf,
  streamOf,
  takenBytes,
  unsentBytes,
} from './node-http2.js';
import { handleOf, peerAddressOf, readMore } from './node-handle.js';
import { answerOn, endLastAnswerBy, sentHead, socketsBetweenRequests } from './node-http1.js';
import { allowHalfOpen, checkTimeoutsEvery, limitHead, requireHost } from './node-server.js';
import {
  acceptedSocketOf,
  connectWith,
  contextOf,
  useMaterial,
  withoutContext,
} from './node-tls.js';
import { isPausedByServer } from './pause-parser.js';

const closers: (() => unknown)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

async function connectRaw(port: number): Promise<RawClient> {
  const client = await RawClient.connect(`http://127.0.0.1:${port}`);
  closers.push(() => client.close());
  return client;
}

/** A socket of TLS, and the one that was accepted beneath it; the client reads nothing. */
async function connectSecurely(): Promise<{ raw: Socket; socket: TLSSocket }> {
  const [{ cert, key } = {}] = tls.certs;
  const server = createTlsServer({ cert, key });
  const front = createTcpServer((socket) => server.emit('connection', socket));
  front.listen(0, '127.0.0.1');
  closers.push(() => front.close());
  await once(front, 'listening');
  const accepted = once(front, 'connection') as Promise<[Socket]>;
  const secured = once(server, 'secureConnection') as Promise<[TLSSocket]>;
  const { port } = front.address() as AddressInfo;
  const client = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: ca.cert });
  client.on('error', () => undefined);
  client.pause();
  closers.push(() => client.destroy());
  const [[raw], [socket]] = await Promise.all([accepted, secured]);
  return { raw, socket };
}

/** The port of a server that hands what it accepts to another one, which never listens. */
async function frontOf(server: Server): Promise<number> {
  const front = createTcpServer({ allowHalfOpen: true }, (socket) => {
    server.emit('connection', socket);
  });
  front.listen(0, '127.0.0.1');
  closers.push(() => front.close());
  await once(front, 'listening');
  return (front.address() as AddressInfo).port;
}

async function connectTo(server: Server): Promise<Socket> {
  const client = connectTcp({
    host: '127.0.0.1',
    port: await frontOf(server),
    allowHalfOpen: true,
  });
  closers.push(() => client.destroy());
  const accepted = once(server, 'connection');
  await Promise.all([once(client, 'connect'), accepted]);
  return client;
}

const requestWith = (...headers: string[]): string =>
  ['GET / HTTP/1.1', 'Host: localhost', ...headers, '', ''].join('\r\n');

async function firstLine(client: Socket): Promise<string | undefined> {
  const [chunk] = (await Promise.race([once(client, 'data'), once(client, 'end')])) as [Buffer?];
  return String(chunk ?? '').split('\r\n', 1)[0];
}

describe(`Node ${process.version} still has, undocumented,`, () => {
  it('the answer that is being sent on a socket: socket._httpMessage', async () => {
    const seen: unknown[] = [];
    const server = createServer((request, response) => {
      const { socket } = request;
      seen.push(answerOn(socket) === response);
      response.end('hello', () => setImmediate(() => seen.push(answerOn(socket))));
    }).listen(0, '127.0.0.1');
    closers.push(() => server.close());
    await once(server, 'listening');
    const client = await RawClient.connect(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    );
    closers.push(() => client.close());
    client.send(get('/'));
    await client.until('hello');
    while (seen.length < 2) await new Promise(setImmediate);
    expect(seen).toEqual([true, undefined]);
  });

  it('the connections between two requests: the list of its own that closeIdleConnections() goes by', async () => {
    const server = createServer((_request, response) => response.end('hello'));
    server.listen(0, '127.0.0.1');
    closers.push(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const accepted: Socket[] = [];
    server.on('connection', (socket) => accepted.push(socket));
    const [asked, half] = [await connectRaw(port), await connectRaw(port)];
    await connectRaw(port);
    for (const client of [asked, half]) {
      client.send(get('/'));
      await client.until('hello');
    }
    // Node 26 has those among them that never sent a byte.
    const idle = () => socketsBetweenRequests(server)?.filter(({ bytesRead }) => bytesRead > 0);
    expect(idle()).toHaveLength(2);
    half.send('GET /');
    while (idle()?.length === 2) await new Promise(setImmediate);
    expect(idle()).toEqual([accepted[0]]);
  });

  it('and where it has no such list, it is said once', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
    const [known, without] = [{ closeIdleConnections: () => undefined }, {}];
    for (const server of [without, known, known]) {
      expect(socketsBetweenRequests(server)).toBeUndefined();
    }
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[1]).toEqual({ code: 'HTTP_POOL_NODE' });
    warn.mockRestore();
  });

  it('the head of an answer as it was sent: response._header', () => {
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    expect(sentHead(response)).toBe('');
    response.writeHead(200, { 'Content-Type': 'text/plain' });
    expect(sentHead(response)).toMatch(/^Content-Type: text\/plain\r$/m);
  });

  it('an end of its own for a connection whose last answer is sent: socket.destroySoon()', async () => {
    const ended: Socket[] = [];
    const server = createServer(({ socket }, response) => {
      endLastAnswerBy(socket, () => {
        ended.push(socket);
        socket.destroy();
      });
      response.end('hello');
    });
    const client = await connectTo(server);
    client.write(requestWith('Connection: close'));
    client.resume();
    await once(client, 'end');
    expect(ended).toHaveLength(1);
  });

  it('a connection that it pauses while the answer before is not all written: socket._paused', async () => {
    const seen: boolean[] = [];
    const [{ cert, key } = {}] = tls.certs;
    const server = createHttps({ cert, key }, ({ socket }, response) => {
      const pause = socket.pause.bind(socket);
      socket.pause = () => {
        seen.push(isPausedByServer(socket as TLSSocket));
        return pause();
      };
      seen.push(isPausedByServer(socket as TLSSocket));
      response.end(Buffer.alloc(30_000_000));
    });
    const port = await frontOf(server);
    const client = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: ca.cert });
    closers.push(() => client.destroy());
    client.pause();
    client.write(requestWith() + requestWith());
    while (seen.length < 3) await new Promise(setImmediate);
    expect(seen.slice(0, 2)).toEqual([false, true]);
  });

  it('the accepted socket beneath one of TLS: socket._parent', async () => {
    const { raw, socket } = await connectSecurely();
    expect(acceptedSocketOf(socket)).toBe(raw);
    socket.destroy();
  });

  it('a context that a TLS server reads anew for each connection: server._sharedCreds', async () => {
    const [own, other] = [first, second].map(({ cert, key }) => createSecureContext({ cert, key }));
    const server = createTlsServer(withoutContext);
    useMaterial(server, {
      base: own,
      requestCert: false,
      rejectUnauthorized: false,
    } as TlsMaterial);
    const nameOfNext = async (hand: (socket: Socket) => void): Promise<string | undefined> => {
      const front = createTcpServer(hand).listen(0, '127.0.0.1');
      closers.push(() => front.close());
      await once(front, 'listening');
      const { port } = front.address() as AddressInfo;
      const client = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
      closers.push(() => client.destroy());
      await once(client, 'secureConnect');
      return client.getPeerCertificate().subjectaltname;
    };
    const accept = (socket: Socket): void => void server.emit('connection', socket);
    expect(await nameOfNext(accept)).toMatch('DNS:first.test');
    expect(await nameOfNext((socket) => connectWith(server, other!, () => accept(socket)))).toMatch(
      'DNS:second.test',
    );
    expect(await nameOfNext(accept)).toMatch('DNS:first.test');
  });

  it('the context that a connection was begun with, where its name is asked for: socket._tlsOptions', async () => {
    const [{ cert, key } = {}] = tls.certs;
    const context = createSecureContext({ cert, key });
    const found: unknown[] = [];
    const server = createTlsServer({
      ...withoutContext,
      SNICallback(this: TLSSocket, name, done) {
        found.push(name, contextOf(this) === context);
        done(null);
      },
    } as TlsOptions);
    const base = context;
    useMaterial(server, { base, requestCert: false, rejectUnauthorized: false } as TlsMaterial);
    server.listen(0, '127.0.0.1');
    closers.push(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: ca.cert });
    closers.push(() => client.destroy());
    await once(client, 'secureConnect');
    expect(found).toEqual(['localhost', true]);
  });

  it("an address of the peer on the prototype, beside one of the socket's own: Socket.prototype.remoteAddress", async () => {
    const front = createTcpServer().listen(0, '127.0.0.1');
    closers.push(() => front.close());
    await once(front, 'listening');
    const client = connectTcp((front.address() as AddressInfo).port, '127.0.0.1');
    closers.push(() => client.destroy());
    const [socket] = (await once(front, 'connection')) as [Socket];
    Object.defineProperty(socket, 'remoteAddress', { value: '192.0.2.1' });
    expect([socket.remoteAddress, peerAddressOf(socket)]).toEqual(['192.0.2.1', '127.0.0.1']);
    socket.destroy();
  });

  it('a handle beneath a socket that can be kept from reading: socket._handle.readStop()', async () => {
    const front = createTcpServer().listen(0, '127.0.0.1');
    closers.push(() => front.close());
    await once(front, 'listening');
    const client = connectTcp((front.address() as AddressInfo).port, '127.0.0.1');
    closers.push(() => client.destroy());
    const [socket] = (await once(front, 'connection')) as [Socket];
    closers.push(() => socket.destroy());
    const handle = handleOf(socket);
    handle?.readStop();
    socket.resume();
    handle?.readStop();
    await new Promise<void>((resolve) => client.write('hello', () => resolve()));
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    expect(socket.bytesRead).toBe(0);
    const heard = once(socket, 'data');
    handle?.readStart();
    expect(String(await heard)).toBe('hello');
    expect(handle?.writeQueueSize).toBe(0);
  });

  it('and that tells whether it reads, and goes on where it does not: socket._handle.reading', async () => {
    const front = createTcpServer().listen(0, '127.0.0.1');
    closers.push(() => front.close());
    await once(front, 'listening');
    const client = connectTcp((front.address() as AddressInfo).port, '127.0.0.1');
    closers.push(() => client.destroy());
    const [socket] = (await once(front, 'connection')) as [Socket];
    closers.push(() => socket.destroy());
    const size = 1_000_000;
    client.write(Buffer.alloc(size));
    socket.read(0);
    while (handleOf(socket)?.reading) await new Promise(setImmediate);
    const full = socket.readableLength;
    readMore(socket);
    // Told twice, it would be an error of the socket.
    readMore(socket);
    while (handleOf(socket)?.reading) await new Promise(setImmediate);
    expect(socket.readableLength).toBeGreaterThan(full);
    let got = 0;
    socket.on('data', ({ length }: Buffer) => (got += length));
    while (got < size) await new Promise(setImmediate);
  });

  it('the bytes that wait for the peer beneath an HTTP/2 session: socket._handle.writeQueueSize', async () => {
    const server = createHttp2();
    const front = createTcpServer((socket) => server.emit('connection', socket));
    front.listen(0, '127.0.0.1');
    closers.push(() => front.close());
    await once(front, 'listening');
    const accepted = once(front, 'connection') as Promise<[Socket]>;
    const { port } = front.address() as AddressInfo;
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    closers.push(() => session.destroy());
    const [[socket]] = await Promise.all([accepted, once(session, 'remoteSettings')]);
    expect(unsentBytes(socket)).toBe(0);
  });

  it('the bytes that the system has taken, beneath TLS too: socket._handle.bytesWritten', async () => {
    const { raw, socket } = await connectSecurely();
    const before = takenBytes(raw)!;
    socket.write(Buffer.alloc(30_000_000));
    while (takenBytes(raw) === before) await new Promise(setImmediate);
    expect(unsentBytes(raw)! + takenBytes(raw)! - before).toBeGreaterThan(30_000_000);
    socket.destroy();
  });

  it('the way of a body to a stream of HTTP/2: stream.push', async () => {
    const server = createHttp2().listen(0, '127.0.0.1');
    closers.push(() => server.close());
    await once(server, 'listening');
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    closers.push(() => session.destroy());
    const opened = once(server, 'stream') as Promise<[ServerHttp2Stream]>;
    session.request({ ':method': 'POST' }).end('hello');
    const [stream] = await opened;
    const received = countReceived(stream);
    const body: Buffer[] = [];
    for await (const chunk of stream) body.push(chunk as Buffer);
    expect([received(), Buffer.concat(body).toString()]).toEqual([5, 'hello']);
  });

  it('each piece of a body that is sent: stream._write, called for one after the other where there is no stream._writev', async () => {
    const server = createHttp2().listen(0, '127.0.0.1');
    closers.push(() => server.close());
    await once(server, 'listening');
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    closers.push(() => session.destroy());
    const opened = once(server, 'stream') as Promise<[ServerHttp2Stream]>;
    const asked = session.request();
    const [stream] = await opened;
    const sent = countSent(stream);
    stream.write('a');
    stream.end(Buffer.alloc(200_000, 'b'));
    await once(asked, 'response');
    // What fits into the window of a stream, in whole pieces.
    while (sent() < 49_153) await new Promise(setImmediate);
    expect(sent()).toBeLessThan(65_536);
    let body = '';
    for await (const chunk of asked.setEncoding('utf8')) body += chunk as string;
    expect([body.length, body.lastIndexOf('a'), sent()]).toEqual([200_001, 0, 200_001]);
  });

  it('a last step that it takes away from a stream that it sends a file on: stream._final', async () => {
    const server = createHttp2().listen(0, '127.0.0.1');
    closers.push(() => server.close());
    await once(server, 'listening');
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    closers.push(() => session.destroy());
    const asked = session.request({ ':method': 'POST' });
    const [stream] = (await once(server, 'stream')) as [ServerHttp2Stream];
    expect(isSendingFile(stream)).toBe(false);
    stream.resume().respondWithFile(process.execPath);
    await once(stream, 'finish');
    expect(isSendingFile(stream)).toBe(true);
    asked.on('error', () => undefined).close();
    await once(stream, 'close');
    expect(isSendingFile(stream)).toBe(false);
  });

  it("the stream of an answer on the prototype, beside one of the answer's own: Http2ServerResponse.prototype.stream", async () => {
    const server = createHttp2().listen(0, '127.0.0.1');
    closers.push(() => server.close());
    await once(server, 'listening');
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    closers.push(() => session.destroy());
    session.request().on('error', () => undefined);
    const [request, response] = (await once(server, 'request')) as [
      Http2ServerRequest,
      Http2ServerResponse,
    ];
    const { stream } = request;
    Object.defineProperty(response, 'stream', {
      get: () => {
        throw new Error('not this one');
      },
    });
    expect(streamOf(response)).toBe(stream);
  });

  it('a way to set one trailer of an answer: Http2ServerResponse.prototype.setTrailer', async () => {
    const server = createHttp2((_request, response) => {
      setTrailerOf(response, 'x-sum', '42');
      response.end('hello');
    });
    server.listen(0, '127.0.0.1');
    closers.push(() => server.close());
    await once(server, 'listening');
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    closers.push(() => session.destroy());
    const [trailers] = (await once(session.request().resume(), 'trailers')) as [object];
    expect(trailers).toMatchObject({ 'x-sum': '42' });
  });

  it('a code of the last GOAWAY without an error: session.destroy(null, code)', async () => {
    const server = createHttp2().listen(0, '127.0.0.1');
    closers.push(() => server.close());
    server.on('session', (session) =>
      breakOffSession(session, constants.NGHTTP2_INADEQUATE_SECURITY),
    );
    await once(server, 'listening');
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    session.on('error', () => undefined);
    closers.push(() => session.destroy());
    const [code] = (await once(session, 'goaway')) as [number];
    expect(code).toBe(constants.NGHTTP2_INADEQUATE_SECURITY);
  });

  it('a limit of the head that is read for each connection: server.maxHeaderSize', async () => {
    const server = createServer((_request, response) => response.end('hello'));
    const client = await connectTo(server);
    limitHead(server, 100);
    const limited = await connectTo(server);
    for (const each of [client, limited]) each.write(requestWith(`X-Long: ${'x'.repeat(200)}`));
    expect(await firstLine(client)).toBe('HTTP/1.1 200 OK');
    expect(await firstLine(limited)).toBe('HTTP/1.1 431 Request Header Fields Too Large');
  });

  it('answers to clients that have ended their side: server.httpAllowHalfOpen', async () => {
    const server = createServer(({ socket }, response) => {
      socket.once('end', () => response.end('late'));
    });
    allowHalfOpen(server);
    const client = await connectTo(server);
    client.end(requestWith());
    expect(await firstLine(client)).toBe('HTTP/1.1 200 OK');
  });

  it('a check for timeouts that a server begins which never listens: server.connectionsCheckingInterval', async () => {
    const server = createServer({ connectionsCheckingInterval: 2 ** 30 });
    server.headersTimeout = 20;
    server.requestTimeout = 40;
    checkTimeoutsEvery(server, 10);
    const client = await connectTo(server);
    client.write('GET /');
    expect(await firstLine(client)).toBe('HTTP/1.1 408 Request Timeout');
  });

  it('a Host that is asked for over HTTP/1.1 by a server of HTTP/2: server.requireHostHeader', async () => {
    const [{ cert, key } = {}] = tls.certs;
    const server = createSecureHttp2({ cert, key, allowHTTP1: true }, (_request, response) => {
      response.end('hello');
    });
    requireHost(server);
    const port = await frontOf(server);
    const client = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: ca.cert });
    closers.push(() => client.destroy());
    client.write('GET / HTTP/1.1\r\n\r\n');
    expect(await firstLine(client)).toBe('HTTP/1.1 400 Bad Request');
  });

  it('and where something else is not as it was read, it is said once each', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
    const answer = new ServerResponse(new IncomingMessage(new Socket()));
    Reflect.deleteProperty(answer, '_header');
    const socket = new TLSSocket(new Socket());
    const { alpnProtocol } = socket;
    const strange = Object.create(TLSSocket.prototype, { alpnProtocol: { value: alpnProtocol } });
    for (let time = 0; time < 2; time += 1) {
      expect(sentHead(answer)).toBe('');
      expect(handleOf({ _handle: {} } as never)).toBeUndefined();
      expect(handleOf(new Socket())).toBeUndefined();
      expect(acceptedSocketOf(strange)).toBeUndefined();
      expect(acceptedSocketOf(new Socket() as TLSSocket)).toBeUndefined();
      expect(contextOf(strange)).toBeUndefined();
      expect(isPausedByServer(strange)).toBe(false);
    }
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      expect.stringContaining('keeps the head of an answer'),
      expect.stringContaining("keeps the system's side of a socket"),
      expect.stringContaining('keeps the socket beneath one of TLS'),
      expect.stringContaining('keeps the context of a connection of TLS'),
      expect.stringContaining('pauses connections'),
    ]);
    warn.mockRestore();
  });

  it('and where a server of HTTP/1 has no such property, it is said once', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
    const server = createServer();
    Reflect.deleteProperty(server, 'httpAllowHalfOpen');
    allowHalfOpen(server);
    Reflect.deleteProperty(server, 'httpAllowHalfOpen');
    allowHalfOpen(server);
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining('httpAllowHalfOpen'), { code: 'HTTP_POOL_NODE' }],
    ]);
    warn.mockRestore();
  });
});
