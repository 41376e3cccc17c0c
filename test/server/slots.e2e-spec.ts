import { once } from 'node:events';
import { connect as connectHttp2, constants } from 'node:http2';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { HandlerEntry, PooledServer, ServerOptions } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { LOOPBACK } from '../support/handlers.js';
import { ask } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { get, RawClient } from '../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const transports = [
  ['http', {}],
  ['https', { tls }],
  ['https beside HTTP/2', { tls, protocol: 'http2' }],
] as const;

/** Answers `/`; holds every other request for ever, or streams without an end. */
const handler: HandlerEntry = {
  request(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === '/stream') response.write('begun');
    else if (request.url === '/short') response.end('short');
    else if (request.url === '/') response.end('fine');
  },
  upgrade: (request, socket) => {
    socket.resume();
    if (request.url === '/open') socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  },
};

const serve = async (options: Partial<ServerOptions>): Promise<PooledServer> => {
  const config = { name: 'a', listen: LOOPBACK, maxHandlers: 10, ...options };
  const server = opened.server(config, { handlers: () => ({ default: handler }) });
  await server.start();
  return server;
};

const clientOf = async ({ url = '', tls: secure }: PooledServer): Promise<RawClient> => {
  const client = await (secure ? RawClient.connectTls(url) : RawClient.connect(url));
  opened.onClose(() => client.close());
  return client;
};

const statusOf = async ({ url = '' }: PooledServer): Promise<number> => (await ask(url)).status;

/** Until all slots are free again: ten requests at once are answered. */
const allFree = async (server: PooledServer): Promise<void> => {
  const statuses = async (): Promise<number[]> =>
    Promise.all(Array.from({ length: 10 }, () => statusOf(server)));
  while ((await statuses()).some((status) => status !== 200)) await wait(20);
};

const taken = async (server: PooledServer, count = 10): Promise<void> => {
  while (server.stats().requests < count) await wait(5);
};

describe.each([
  ...transports,
  ['h2c', { protocol: 'http2' }],
  ['h2', { tls, protocol: 'http2' }],
] as const)('limits that are set while it serves over %s', (name, options) => {
  const config = { name: 'a', listen: LOOPBACK, ...options } as const;
  const hasSessions = name === 'h2c' || name === 'h2';

  const connected = async (server: PooledServer): Promise<(path: string) => Promise<number>> => {
    if (!hasSessions) {
      return async (path) => (await ask(new URL(path, server.url))).status;
    }
    const session = connectHttp2(server.url ?? '', { rejectUnauthorized: false });
    opened.onClose(() => session.destroy());
    return async (path) => {
      const stream = session.request({ ':path': path });
      const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
      stream.resume();
      return Number(headers[':status']);
    };
  };

  it('count the requests that were begun before', async () => {
    const held: ServerResponse[] = [];
    const server = opened.server(config, {
      handlers: () => ({
        default: (request, response) =>
          void (request.url === '/held' ? held.push(response) : response.end('fine')),
      }),
    });
    await server.start();
    const askFor = await connected(server);
    const answers = [askFor('/held'), askFor('/held')];
    while (held.length < 2) await new Promise(setImmediate);
    for (let times = 0; times < 2; times += 1) {
      await server.setConfig({ ...config, maxHandlers: 2 });
      expect(await askFor('/')).toBe(503);
      await server.setConfig({ ...config, maxHandlers: 3 });
      expect(await askFor('/')).toBe(200);
      // Nothing is counted any more, what was counted before neither.
      await server.setConfig(config);
      expect(await askFor('/')).toBe(200);
    }
    await server.setConfig({ ...config, maxHandlers: 2 });
    for (const response of held) response.end('at last');
    expect(await Promise.all(answers)).toEqual([200, 200]);
    while ((await askFor('/')) === 503);
    expect(await askFor('/')).toBe(200);
  });
});

describe.each(transports)('maxUpgraded that is set while it serves over %s', (_name, options) => {
  it('counts the upgraded connections that were opened before', async () => {
    const config = { name: 'a', listen: LOOPBACK, ...options } as const;
    const server = opened.server(config, { handlers: () => ({ default: handler }) });
    await server.start();
    const upgrade = get('/open', 'Connection: Upgrade', 'Upgrade: test');
    const open = await clientOf(server);
    open.send(upgrade);
    await open.until('101');
    await server.setConfig({ ...config, maxUpgraded: 1 });
    const refused = await clientOf(server);
    refused.send(upgrade);
    await refused.closed;
    expect(refused.received).toMatch(/^HTTP\/1\.1 503 /);
    // What is half-closed is for its handler to end.
    if (server.tls) open.socket.destroy();
    else open.socket.resetAndDestroy();
    let received = '';
    while (!received.includes('101')) {
      const client = await clientOf(server);
      client.send(upgrade);
      received = await client.until('HTTP/1.1 ');
    }
  });
});

describe.each(transports)('the slots of maxHandlers over %s', (_name, options) => {
  const leaving: [string, (client: RawClient) => unknown][] = [
    [
      'a reset',
      ({ socket }) => ('encrypted' in socket ? socket.destroy() : socket.resetAndDestroy()),
    ],
    ['a close', ({ socket }) => socket.destroy()],
    ['a half close', ({ socket }) => socket.end()],
  ];

  describe.each(leaving)('are free after %s', (_kind, leave) => {
    it.each([
      ['ten slow requests', get('/slow').repeat(10)],
      ['one that streams and nine short ones behind it', get('/stream') + get('/short').repeat(9)],
    ])('of a client that has pipelined %s', async (_what, bytes) => {
      const server = await serve(options);
      const client = await clientOf(server);
      client.send(bytes);
      await taken(server);
      expect(await statusOf(server)).toBe(503);
      leave(client);
      await allFree(server);
      expect(await statusOf(server)).toBe(200);
    });
  });

  it('are free after a restart that such a client has left behind', async () => {
    const server = await serve(options);
    const client = await clientOf(server);
    client.send(get('/slow').repeat(10));
    await taken(server);
    await server.restart();
    client.socket.destroy();
    await allFree(server);
    expect(await statusOf(server)).toBe(200);
  });

  it('are free after writeTimeout, also those behind another answer', async () => {
    const server = await serve({ ...options, writeTimeout: '200ms' });
    const client = await clientOf(server);
    client.send(get('/slow').repeat(10));
    await taken(server);
    await client.closed;
    await allFree(server);
    expect(await statusOf(server)).toBe(200);
  });

  it('are free after writeTimeout of an upgrade that is not answered, and an open one stays', async () => {
    const server = await serve({ ...options, maxHandlers: 1, writeTimeout: '100ms' });
    const open = await clientOf(server);
    open.send(get('/open', 'Connection: Upgrade', 'Upgrade: test'));
    await open.until('101');
    const waiting = await clientOf(server);
    waiting.send(get('/waiting', 'Connection: Upgrade', 'Upgrade: test'));
    await waiting.closed;
    expect([waiting.received, open.socket.destroyed]).toEqual(['', false]);
    expect(await statusOf(server)).toBe(200);
  });

  it('and the connection are free after writeTimeout of one whose client has ended its side', async () => {
    const server = await serve({ ...options, maxHandlers: 1, writeTimeout: '100ms' });
    const waiting = await clientOf(server);
    waiting.send(get('/waiting', 'Connection: Upgrade', 'Upgrade: test'));
    waiting.socket.end();
    await waiting.closed;
    expect(waiting.received).toBe('');
    await allFree(server);
    while (server.stats().connections > 0) await wait(20);
  });

  it('are taken by upgrades until they are open', async () => {
    const server = await serve({ ...options, maxHandlers: 1 });
    const open = await clientOf(server);
    open.send(get('/open', 'Connection: Upgrade', 'Upgrade: test'));
    await open.until('101');
    expect(await statusOf(server)).toBe(200);
    const waiting = await clientOf(server);
    waiting.send(get('/waiting', 'Connection: Upgrade', 'Upgrade: test'));
    await taken(server, 3);
    const late = await clientOf(server);
    late.send(get('/open', 'Connection: Upgrade', 'Upgrade: test'));
    await late.closed;
    expect(late.received).toMatch(/^HTTP\/1\.1 503 .*\r\nRetry-After: 1\r\n/s);
    waiting.socket.destroy();
    while ((await statusOf(server)) !== 200) await wait(20);
    expect(server.stats().requests).toBeGreaterThanOrEqual(5);
  });
});

it.each([
  ['h2c', { protocol: 'http2' }],
  ['h2', { protocol: 'http2', tls }],
] as const)(
  'a slot is free over %s when the answer is whole, though the client never ends its side',
  async (_name, options) => {
    const server = await serve({ ...options, maxHandlers: 1 });
    const session = connectHttp2(server.url ?? '', { rejectUnauthorized: false });
    opened.onClose(() => session.destroy());
    const status = async (endStream: boolean): Promise<unknown> => {
      const stream = session.request({ ':path': '/', ':method': 'POST' }, { endStream });
      const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
      stream.resume();
      await once(stream, 'end');
      return headers[':status'];
    };
    expect(await status(false)).toBe(200);
    expect(await status(true)).toBe(200);
  },
);

describe.each([
  ['h2c', { protocol: 'http2' }],
  ['h2', { protocol: 'http2', tls }],
] as const)('the slot of a stream over %s', (_name, options) => {
  const large = 'x'.repeat(4_000_000);
  const answers: HandlerEntry = (request, response) => {
    if (request.url === '/large') response.end(large);
    else if (request.url === '/stream') response.write('begun');
    else if (request.url === '/') response.end('fine');
  };

  it.each([
    ['a HEAD that is not answered', 'HEAD', '/slow', constants.NGHTTP2_CANCEL],
    ['a HEAD that is not answered, without an error', 'HEAD', '/slow', constants.NGHTTP2_NO_ERROR],
    ['a HEAD whose answer goes on', 'HEAD', '/stream', constants.NGHTTP2_CANCEL],
    ['an answer it does not read', 'POST', '/large', constants.NGHTTP2_CANCEL],
    ['an answer it does not read, without an error', 'POST', '/large', constants.NGHTTP2_NO_ERROR],
    ['an answer that goes on, without an error', 'POST', '/stream', constants.NGHTTP2_NO_ERROR],
    ['an answer to GET, without an error', 'GET', '/large', constants.NGHTTP2_NO_ERROR],
    ['one to GET that goes on, without an error', 'GET', '/stream', constants.NGHTTP2_NO_ERROR],
  ])('is free when its client resets %s', async (_what, method, path, code) => {
    const server = opened.server(
      { name: 'a', listen: LOOPBACK, maxHandlers: 1, ...options },
      { handlers: () => ({ default: answers }) },
    );
    await server.start();
    const session = connectHttp2(server.url ?? '', { rejectUnauthorized: false });
    opened.onClose(() => session.destroy());
    const ofPath = { ':path': path, ':method': method };
    const stream = session.request(ofPath, { endStream: method !== 'POST' });
    stream.on('error', () => undefined);
    await taken(server, 1);
    stream.close(code);
    const status = async (): Promise<unknown> => {
      const next = session.request({ ':path': '/' });
      const [headers] = (await once(next, 'response')) as [Record<string, unknown>];
      next.resume();
      return headers[':status'];
    };
    while ((await status()) !== 200) await wait(10);
    session.close();
    while (server.stats().inFlight > 0) await wait(10);
    expect((await server.stop()).timedOut).toBe(false);
  });
});

describe('a client that ends its side behind its request', () => {
  it.each(transports)(
    'is answered over %s, though the handler takes time',
    async (_name, options) => {
      const slow: HandlerEntry = (_request, response) =>
        void setTimeout(() => response.end('in time'), 200);
      const server = opened.server(
        { name: 'a', listen: LOOPBACK, ...options },
        { handlers: () => ({ default: slow }) },
      );
      await server.start();
      const client = await clientOf(server);
      client.socket.end(get('/') + get('/'));
      await client.closed;
      expect(client.received.match(/in time/g)).toHaveLength(2);
    },
  );

  it.each(transports)(
    'is answered to the end over %s, though the answer has begun and goes on for longer than a silent one may',
    async (_name, options) => {
      const parts = 6;
      const streaming: HandlerEntry = (_request, response) => {
        let sent = 0;
        const timer = setInterval(() => {
          response.write(`part ${(sent += 1)}\n`);
          if (sent < parts) return;
          clearInterval(timer);
          response.end('whole');
        }, 500);
      };
      const server = opened.server(
        { name: 'a', listen: LOOPBACK, ...options },
        { handlers: () => ({ default: streaming }) },
      );
      await server.start();
      const [early, late] = [await clientOf(server), await clientOf(server)];
      early.socket.end(get('/'));
      late.send(get('/'));
      await late.until('part 1');
      late.socket.end();
      await Promise.all([early.closed, late.closed]);
      expect([early.received, late.received]).toEqual([
        expect.stringContaining('whole'),
        expect.stringContaining('whole'),
      ]);
    },
  );

  it.each(transports)(
    'is seen to be gone by a handler that streams over %s',
    async (_name, options) => {
      const gone: Promise<unknown>[] = [];
      const streaming: HandlerEntry = (_request, response) => {
        response.write('data: 1\n\n');
        gone.push(once(response, 'close'));
      };
      const server = opened.server(
        { name: 'a', listen: LOOPBACK, ...options },
        { handlers: () => ({ default: streaming }) },
      );
      await server.start();
      const client = await clientOf(server);
      client.send(get('/'));
      await client.until('data: 1');
      client.socket.end();
      await gone[0];
      expect(gone).toHaveLength(1);
    },
  );

  it.each(transports)(
    'is let go over %s when it was sent events, which have no end to wait for',
    async (_name, options) => {
      const events: HandlerEntry = (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        const timer = setInterval(() => response.write('data: 1\n\n'), 50);
        response.once('close', () => clearInterval(timer));
      };
      const server = opened.server(
        { name: 'a', listen: LOOPBACK, ...options },
        { handlers: () => ({ default: events }) },
      );
      await server.start();
      const client = await clientOf(server);
      client.send(get('/'));
      await client.until('data: 1');
      client.socket.end();
      await client.closed;
      expect(server.stats().inFlight).toBe(0);
    },
  );

  it('costs nothing but itself where its handler has put a failing getHeader on the answer', async () => {
    const failing: HandlerEntry = (_request, response) => {
      response.getHeader = () => {
        throw new Error('of the handler');
      };
      response.write('begun');
    };
    const server = opened.server(
      { name: 'a', listen: LOOPBACK },
      { handlers: () => ({ default: failing }) },
    );
    await server.start();
    const client = await clientOf(server);
    client.send(get('/'));
    await client.until('begun');
    client.socket.end();
    await client.closed;
    expect(server.isRunning()).toBe(true);
  });
});
