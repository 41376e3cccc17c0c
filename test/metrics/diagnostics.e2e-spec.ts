import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import type { Handler, HandlerEntry } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { gate } from '../support/events.js';
import { held, LOOPBACK, says } from '../support/handlers.js';
import { ask } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { protocols } from '../support/protocols.js';
import { get, RawClient } from '../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

/** What is published on channels from now on, until the test ends. */
function heard(...names: string[]): { name: string; message: any }[] {
  const all: { name: string; message: any }[] = [];
  for (const name of names) {
    const listener = (message: any): void => void all.push({ name, message });
    subscribe(`nestjs-http-pool:${name}`, listener);
    opened.onClose(() => unsubscribe(`nestjs-http-pool:${name}`, listener));
  }
  return all;
}

describe.each(protocols)('the channels of node:diagnostics_channel over $name', (protocol) => {
  it('tell of a request and of its end, to who has subscribed while the server serves', async () => {
    const options = { name: 'api', listen: LOOPBACK, ...protocol.options };
    const server = opened.server(options, { handlers: () => ({ default: says('hello') }) });
    await server.start();
    const client = await protocol.connect(server.url!);
    opened.onClose(() => client.close());
    await client.ask('/before');
    const told = heard('request:start', 'request:finish');
    await client.ask('/one');
    while (told.length < 2) await client.ask('/two');
    const [start, finish] = told.filter(({ message }) => message.request.url === '/one');
    expect(start?.name).toBe('request:start');
    expect(start?.message.server).toBe(server);
    expect(finish).toMatchObject({
      name: 'request:finish',
      message: { status: 200, finished: true },
    });
    expect(finish?.message.response).toBe(start?.message.response);
  });
});

describe('the end of every request that was begun is told once', () => {
  const silent: HandlerEntry = ({ url }, response) => url === '/slow' || response.end('hello');

  it.each([
    ['http', {}],
    ['https', { tls }],
    ['https beside HTTP/2', { tls, protocol: 'http2' }],
  ] as const)('also of those that were never answered over %s', async (_name, options) => {
    for (const behind of [
      'GET / HTTP/2.0\r\nHost: localhost\r\n\r\n',
      get('/', 'Connection: close') + get('/never'),
      get('/') + 'nonsense\r\n\r\n',
    ]) {
      const told: unknown[] = [];
      const server = opened.server(
        { name: 'api', listen: LOOPBACK, maxHandlers: 2, ...options },
        { handlers: () => ({ default: silent }) },
      );
      server.observe({
        requestBegun: (request) => told.push(request),
        requestEnded: (request) => told.splice(told.indexOf(request), 1),
      });
      await server.start();
      const client = await (server.tls
        ? RawClient.connectTls(server.url!)
        : RawClient.connect(server.url!));
      const begun = server.stats().requests;
      client.send(get('/slow') + behind);
      while (server.stats().requests < begun + 2) await new Promise(setImmediate);
      if (server.tls) client.socket.destroy();
      else client.socket.resetAndDestroy();
      while (server.stats().connections > 0) await new Promise(setImmediate);
      expect(told).toEqual([]);
    }
  });

  it.each<[string, HandlerEntry]>([
    [
      'has taken all listeners off it',
      (_request, response) => void response.removeAllListeners().end('hello'),
    ],
    [
      'has taken those for its end off it',
      (_request, response) => void response.removeAllListeners('close').end('hello'),
    ],
    [
      'answers on its socket, the answer taken off it',
      ({ socket }, response) => {
        response.detachSocket(socket);
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
      },
    ],
    [
      'has taken all listeners off its socket',
      ({ socket }, response) => {
        socket.removeAllListeners();
        response.end('hello');
      },
    ],
  ])('also of one whose handler %s, and no connection is left', async (_what, handler) => {
    for (const options of [{}, { tls }, { tls, protocol: 'http2' }] as const) {
      const told: unknown[] = [];
      const server = opened.server(
        { name: 'api', listen: LOOPBACK, idleTimeout: '500ms', ...options },
        { handlers: () => ({ default: handler }) },
      );
      server.observe({
        requestBegun: (request) => told.push(request),
        requestEnded: (request) => told.splice(told.indexOf(request), 1),
      });
      await server.start();
      for (const requests of [get('/'), get('/one') + get('/two')]) {
        const client = await (server.tls
          ? RawClient.connectTls(server.url!)
          : RawClient.connect(server.url!));
        client.send(requests);
        await client.until('hello');
        client.socket.end();
      }
      while (server.stats().connections > 0) await new Promise(setImmediate);
      expect([told, server.stats().inFlight]).toEqual([[], 0]);
      await server.stop();
    }
  });

  it('and one as HTTP/2.0 behind others is answered 400 when they are', async () => {
    const { handler, entered, release } = held('done');
    const server = opened.server(
      { name: 'api', listen: LOOPBACK },
      { handlers: () => ({ default: handler }) },
    );
    const statuses: unknown[] = [];
    server.observe({ requestEnded: (_request, _response, { status }) => statuses.push(status) });
    await server.start();
    const client = await RawClient.connect(server.url!);
    client.send(get('/') + 'GET / HTTP/2.0\r\nHost: localhost\r\n\r\n');
    await entered.opened;
    release.open();
    await client.closed;
    expect(client.received).toMatch(/^HTTP\/1\.1 200 [^]*doneHTTP\/1\.1 400 /);
    expect(statuses).toEqual([200, 400]);
  });
});

describe('the channels of node:diagnostics_channel', () => {
  it('tell nobody of the end of a request whose begin he was not told', async () => {
    const { handler, entered, release } = held('done');
    const server = opened.server(
      { name: 'api', listen: LOOPBACK },
      { handlers: () => ({ default: handler }) },
    );
    await server.start();
    const asked = ask(server.url!);
    await entered.opened;
    const told = heard('request:start', 'request:finish', 'connection:close');
    release.open();
    await asked;
    await server.stop();
    expect(told.map(({ name }) => name)).toEqual(['connection:close']);
  });

  it('tell of a session that is refused for its cipher as of any other', async () => {
    const kinds: Record<string, number> = {};
    const options = { tls: { ...tls, versionMax: 'TLSv1.2' }, protocol: 'http2' } as const;
    const server = opened.server(
      { name: 'api', listen: LOOPBACK, ...options },
      { handlers: () => ({ default: says('hello') }) },
    );
    const count = (kind: string, by: number): void => {
      kinds[kind] = (kinds[kind] ?? 0) + by;
    };
    server.observe({
      connectionAccepted: (kind) => count(kind, 1),
      connectionKindChanged: (kind, previous) => {
        count(kind, 1);
        count(previous, -1);
      },
      connectionClosed: (kind) => count(kind, -1),
    });
    await server.start();
    const client = await RawClient.connectTls(server.url!, {
      ALPNProtocols: ['h2'],
      ciphers: 'ECDHE-ECDSA-AES128-SHA',
    });
    await client.closed;
    while (server.stats().connections > 0) await new Promise(setImmediate);
    expect(kinds).toEqual({ tls: 0, http1: 0, http2: 0 });
  });

  it('tell of connections, upgrades and states', async () => {
    const told = heard(
      'connection:open',
      'connection:change',
      'connection:close',
      'upgrade',
      'server:state',
    );
    const wss = new WebSocketServer({ noServer: true });
    const closed = gate();
    const handler: Handler = {
      request: says('hello'),
      upgrade: (request, socket, head) =>
        wss.handleUpgrade(request, socket as never, head, (one) => one.on('close', closed.open)),
    };
    const server = opened.server(
      { name: 'api', listen: LOOPBACK },
      { handlers: () => ({ default: handler }) },
    );
    await server.start();
    const client = new WebSocket(server.url!.replace('http', 'ws'));
    await once(client, 'open');
    client.close();
    await closed.opened;
    await server.stop();
    const kinds = told.map(({ name, message }) => [name, message.state ?? message.kind]);
    expect(kinds).toEqual(
      [
        ['server:state', 'starting'],
        ['server:state', 'running'],
        ['connection:open', 'http1'],
        ['upgrade', 'upgraded'],
        ['connection:change', 'upgraded'],
        ['server:state', 'draining'],
        ['connection:close', 'upgraded'],
        ['server:state', 'stopped'],
      ].sort((a, b) => kindsOrder(kinds, a) - kindsOrder(kinds, b)),
    );
    expect(told.every(({ message }) => message.server === server)).toBe(true);
  });
});

/** The end of the connection and the drain meet in either order. */
function kindsOrder(kinds: unknown[][], [name, kind]: string[]): number {
  return kinds.findIndex((each) => each[0] === name && each[1] === kind);
}
