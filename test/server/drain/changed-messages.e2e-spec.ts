import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { PassThrough, type Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { DrainReport, HandlerEntry, PooledServer, ServerOptions } from '../../../lib/index.js';
import { ca, tls } from '../../support/certificates.js';
import { gate } from '../../support/events.js';
import { Journal, LOOPBACK } from '../../support/handlers.js';
import { Opened } from '../../support/opened.js';
import { get, RawClient } from '../../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

type Change = (request: IncomingMessage, response: ServerResponse) => unknown;

const thrower = (): never => {
  throw new Error('not as you think');
};

const define = (target: object, name: string): unknown =>
  Object.defineProperty(target, name, { get: thrower, configurable: true });

/** Nobody is told of the end of such a connection. */
const unheard: [string, Change] = [
  'no listener on its socket',
  ({ socket }) => socket.removeAllListeners(),
];

/** What a handler makes of what the drain looks at. */
const changes: [string, Change][] = [
  ['a URL for its url', (request) => Object.assign(request, { url: new URL('http://a/b?c') })],
  ['an object without a prototype for it', (request) => assignBare(request, 'url')],
  ['undefined for it', (request) => (request.url = undefined)],
  ['a getter of the url that throws', (request) => define(request, 'url')],
];

const assignBare = (request: IncomingMessage, name: string): unknown =>
  Object.assign(request, { [name]: Object.create(null) as unknown });

const ofHttp1: [string, Change][] = [
  ['a symbol for its method', (request) => Object.assign(request, { method: Symbol('GET') })],
  ['a stream of its own', (_, response) => Object.assign(response, { stream: new PassThrough() })],
  ['nothing of the request of its answer', (_, response) => Object.assign(response, { req: null })],
  [
    'methods of the socket that do nothing',
    ({ socket }) => Object.assign(socket, { destroy: () => socket, end: () => socket }),
  ],
];

/** Over TLS, Node itself calls them where nobody could catch it. */
const ofPlain: [string, Change][] = [
  [
    'methods of the socket that throw',
    ({ socket }) => Object.assign(socket, { destroy: thrower, end: thrower, destroySoon: thrower }),
  ],
];

const serve = async (
  handler: HandlerEntry,
  options: Partial<ServerOptions>,
  logger = new Journal(),
): Promise<PooledServer> => {
  const config = { name: 'a', listen: LOOPBACK, ...options };
  const server = opened.server(config, { handlers: () => ({ default: handler }), logger });
  await server.start();
  return server;
};

/** A client whose request nobody answers, over the protocol of the server. */
const ask = async ({ url = '', config }: PooledServer, bytes = get('/')): Promise<RawClient> => {
  const client = await (config.tls ? RawClient.connectTls(url) : RawClient.connect(url));
  opened.onClose(() => client.close());
  client.send(bytes);
  return client;
};

const askStream = ({ url = '' }: PooledServer): void => {
  const session = connectHttp2(url, { ca: ca.cert });
  opened.onClose(() => session.destroy());
  session.on('error', () => undefined);
  session.request({ ':path': '/' }).on('error', () => undefined);
};

const cutOf = ({ cut }: DrainReport): number => Object.values(cut).reduce((a, b) => a + b);

describe.each<[string, Partial<ServerOptions>, [string, Change][]]>([
  ['http', {}, [...changes, ...ofHttp1, ...ofPlain, unheard]],
  ['https', { tls }, [...changes, ...ofHttp1, unheard]],
  ['h2c', { protocol: 'http2' }, [...changes, unheard]],
  ['h2', { tls, protocol: 'http2' }, [...changes, unheard]],
])('over %s, a handler that waits for ever and leaves', (_name, options, all) => {
  it.each(all)('%s is cut by a stop', async (_what, change) => {
    const entered = gate();
    const server = await serve((request, response) => {
      change(request, response);
      entered.open();
    }, options);
    if (options.protocol === 'http2') askStream(server);
    else await ask(server);
    await entered.opened;
    expect(cutOf(await server.stop({ timeout: 50 }))).toBe(1);
    expect(server.stats()).toMatchObject({ state: 'stopped', connections: 0 });
  });

  it.each(all)('%s while a stop goes on is cut by it', async (_what, change) => {
    const entered = gate<[IncomingMessage, ServerResponse]>();
    const server = await serve((...message) => entered.open(message), options);
    if (options.protocol === 'http2') askStream(server);
    else await ask(server);
    const message = await entered.opened;
    const stopped = server.stop({ timeout: 300 });
    change(...message);
    expect(cutOf(await stopped)).toBe(1);
    expect(server.stats()).toMatchObject({ state: 'stopped', connections: 0 });
  });
});

describe.each([...changes, ...ofHttp1.slice(0, 2)])('a handler that leaves %s', (_what, change) => {
  it('and throws is answered 500, and has its line', async () => {
    const journal = new Journal();
    const server = await serve(
      (request, response) => {
        change(request, response);
        throw new Error('no such thing');
      },
      {},
      journal,
    );
    const client = await ask(server);
    expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 500 /);
    await server.stop({ timeout: 0 });
    expect(journal.matching(/^error a .*handler failed on .*: .*no such thing/)).toHaveLength(1);
  });

  it('of a client that is too slow has it cut, and told', async () => {
    const journal = new Journal();
    const minRequestRate = { bytesPerSecond: 1000, grace: 100 };
    const server = await serve(change as HandlerEntry, { minRequestRate }, journal);
    const slow = await ask(server, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n1');
    await slow.closed;
    expect(slow.received).toMatch(/^HTTP\/1\.1 408 /);
    await server.stop({ timeout: 0 });
    expect(journal.matching(/^warn a .*minRequestRate/)).toHaveLength(1);
  });
});

it.each<[string, () => unknown]>([
  ['throws', thrower],
  ['rejects', () => Promise.reject(new Error('not as you think'))],
])(
  'what a handler files on a socket for a WebSocket, and whose close() %s, is cut',
  async (_, close) => {
    const upgrade = (_request: unknown, socket: Duplex): void => {
      const filed = { readyState: 1, close, terminate: () => undefined };
      Object.assign(socket, { [Symbol('websocket')]: filed });
      socket.resume().write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    };
    const server = await serve({ request: () => undefined, upgrade }, {});
    const client = await ask(server, get('/', 'Connection: Upgrade', 'Upgrade: test'));
    await client.until('101');
    expect((await server.stop({ timeout: 50 })).cut).toMatchObject({ upgraded: 1 });
    expect(server.state).toBe('stopped');
  },
);
