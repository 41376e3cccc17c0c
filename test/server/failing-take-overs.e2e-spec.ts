import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { HandlerEntry, PooledServer, ServerOptions } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { gate } from '../support/events.js';
import { Journal, LOOPBACK } from '../support/handlers.js';
import { ask } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { get, RawClient } from '../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

type TakeOver = (socket: Duplex) => unknown;

const transports = [
  ['http', {}],
  ['https', { tls }],
  ['https beside HTTP/2', { tls, protocol: 'http2' }],
] as const;

const failures: [string, TakeOver][] = [
  [
    'throws',
    () => {
      throw new Error('no such page');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no such page'))],
  [
    'rejects later',
    async () => {
      await new Promise(setImmediate);
      throw new Error('no such page');
    },
  ],
];

const requests = [
  ['upgrade', 'an upgrade', get('//', 'Connection: Upgrade', 'Upgrade: test')],
  ['connect', 'a CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'],
] as const;

/** The same, of a client that takes itself for one of HTTP/2. */
const asHttp2 = (bytes: string): string => bytes.replace('HTTP/1.1', 'HTTP/2.0');

const serve = async (
  options: Partial<ServerOptions>,
  handler: Partial<HandlerEntry>,
  logger?: Journal,
): Promise<PooledServer> => {
  const entry = {
    request: (_request, response) => response.end('fine'),
    ...handler,
  } as HandlerEntry;
  const config = { name: 'a', listen: LOOPBACK, ...options };
  const server = opened.server(config, { handlers: () => ({ default: entry }), logger });
  await server.start();
  return server;
};

const clientOf = async ({ url = '', tls: secure }: PooledServer): Promise<RawClient> => {
  const client = await (secure ? RawClient.connectTls(url) : RawClient.connect(url));
  opened.onClose(() => client.close());
  return client;
};

describe.each(transports)('a client of HTTP/1 over %s that writes HTTP/2.0', (_name, options) => {
  it.each(requests)(
    'is answered 400 where %s takes the socket, behind those in front',
    async (event, _what, bytes) => {
      const taken: string[] = [];
      const server = await serve(options, { [event]: () => taken.push(event) });
      const { url = '' } = server;
      for (const inFront of ['', get('/')]) {
        const client = await (server.tls ? RawClient.connectTls(url) : RawClient.connect(url));
        opened.onClose(() => client.close());
        client.send(inFront + asHttp2(bytes));
        await client.closed;
        const statuses = client.received.match(/HTTP\/1\.1 \d+/g);
        expect(statuses).toEqual([...(inFront ? ['HTTP/1.1 200'] : []), 'HTTP/1.1 400']);
      }
      expect([taken, server.stats().requests]).toEqual([[], 3]);
    },
  );
});

describe.each(transports)('over %s', (_transport, options) => {
  describe.each(requests)('a handler of %s', (event, what, bytes) => {
    it.each(failures)(
      `that %s ends the socket of ${what}, is logged, and all else goes on`,
      async (_name, fail) => {
        const journal = new Journal();
        const handler = { [event]: (_request: unknown, socket: Duplex) => fail(socket) };
        const server = await serve(options, handler, journal);
        const client = await clientOf(server);
        client.send(bytes);
        await client.closed;
        expect(client.received).toMatch(/^HTTP\/1\.1 500 /);
        expect(journal.matching(/^error a .*handler failed on .*no such page/)).toHaveLength(1);
        expect((await ask(server.url ?? '')).body).toBe('fine');
      },
    );

    it.each(failures)(
      `and a listener of middleware that %s costs its own socket, after a restart too`,
      async (_name, fail) => {
        const journal = new Journal();
        const request: HandlerEntry = (asked, response) => {
          const { server } = asked.socket as unknown as { server: NodeJS.EventEmitter };
          const listener = (_request: unknown, socket: Duplex) => fail(socket);
          if (asked.url === '/proxy') server.on(event, listener as () => void);
          response.end('fine');
        };
        const server = await serve(options, { request }, journal);
        await ask(new URL('/proxy', server.url));
        for (const change of ['none', 'restart']) {
          if (change === 'restart') await server.restart();
          const client = await clientOf(server);
          client.send(bytes);
          await client.closed;
          expect(client.received).toMatch(/^HTTP\/1\.1 500 /);
        }
        expect(journal.matching(/^error a .*handler failed on .*no such page/)).toHaveLength(2);
        expect((await ask(server.url ?? '')).body).toBe('fine');
      },
    );

    it('that fails after its answer has begun cuts the socket', async () => {
      const server = await serve(options, {
        [event]: (_request: unknown, socket: Duplex) => {
          socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
          throw new Error('too late');
        },
      });
      const client = await clientOf(server);
      client.send(bytes);
      await client.closed;
      expect(client.received).not.toContain('500');
      expect((await ask(server.url ?? '')).body).toBe('fine');
    });

    it('that fails with methods of its own in the place of the socket cuts it', async () => {
      const journal = new Journal();
      const fail = (): never => {
        throw new Error('no such page');
      };
      const server = await serve(
        options,
        {
          [event]: (_request: unknown, socket: Duplex) => {
            Object.assign(socket, { write: fail });
            fail();
          },
        },
        journal,
      );
      const client = await clientOf(server);
      client.send(bytes);
      await client.closed;
      expect(journal.matching(/^error a .*handler failed on .*no such page/)).toHaveLength(1);
      expect((await ask(server.url ?? '')).body).toBe('fine');
    });

    it('that ends the socket and never reads it leaves no connection behind', async () => {
      const gone = gate();
      const server = await serve(options, {
        [event]: (_request: unknown, socket: Duplex) =>
          socket.end('HTTP/1.1 400\r\n\r\n').once('close', () => gone.open()),
      });
      const { url = '', tls: secure } = server;
      // It reads what it is told, and does not end its own side.
      const client = await (secure
        ? RawClient.connectTls(url, { allowHalfOpen: true } as ConnectionOptions)
        : RawClient.connect(url, { allowHalfOpen: true }));
      opened.onClose(() => client.close());
      client.send(bytes);
      await client.until('400');
      await gone.opened;
      expect((await ask(url)).body).toBe('fine');
    });

    it('may take its time while its client resets the connection', async () => {
      const asked = gate<Duplex>();
      const server = await serve(options, {
        [event]: (_request: unknown, socket: Duplex) => asked.open(socket),
      });
      const client = await clientOf(server);
      client.send(bytes);
      const socket = await asked.opened;
      const gone = new Promise((resolve) => socket.once('close', resolve));
      if (server.tls) client.socket.destroy();
      else client.socket.resetAndDestroy();
      socket.resume();
      socket.on('end', () => socket.write('too late'));
      await gone;
      expect((await ask(server.url ?? '')).body).toBe('fine');
    });
  });
});

it.each([
  ['h2c', { protocol: 'http2' }],
  ['h2', { protocol: 'http2', tls }],
] as const)(
  'a handler of CONNECT that throws over %s costs its stream alone',
  async (_name, options) => {
    const server = await serve(options, {
      connect: () => {
        throw new Error('no tunnels');
      },
    });
    const session = connectHttp2(server.url ?? '', { rejectUnauthorized: false });
    opened.onClose(() => session.destroy());
    const stream = session.request({ ':method': 'CONNECT', ':authority': 'a:1' });
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(headers[':status']).toBe(500);
    expect(server.isRunning()).toBe(true);
  },
);

describe('what a client sends that is no HTTP', () => {
  it('reaches the handler for it', async () => {
    const server = await serve({}, {
      clientError: (_error, socket) => socket.end('HTTP/1.1 400 Ours\r\n\r\n'),
    } as Partial<HandlerEntry>);
    const client = await clientOf(server);
    client.send('nonsense\r\n\r\n');
    await client.closed;
    expect(client.received).toBe('HTTP/1.1 400 Ours\r\n\r\n');
  });

  it('costs its connection alone when that handler throws', async () => {
    const server = await serve({}, {
      clientError: () => {
        throw new Error('out of order');
      },
    } as Partial<HandlerEntry>);
    const client = await clientOf(server);
    client.send('nonsense\r\n\r\n');
    await client.closed;
    expect((await ask(server.url ?? '')).body).toBe('fine');
  });

  it('such as an expectation that nobody knows, reaches the handler for that', async () => {
    const server = await serve({}, {
      checkExpectation: (_request, response) => response.writeHead(200).end('met'),
    } as Partial<HandlerEntry>);
    expect((await ask(server.url ?? '', { headers: { expect: 'a miracle' } })).body).toBe('met');
  });
});

describe('a listener that middleware adds to request.socket.server', () => {
  const proxying: HandlerEntry = (request, response) => {
    const { server } = request.socket as unknown as { server: NodeJS.EventEmitter };
    if (request.url === '/proxy') {
      server.on('upgrade', (_request, socket: Duplex) =>
        socket.end('HTTP/1.1 101 Proxied\r\n\r\n'),
      );
    }
    response.end('fine');
  };

  const upgraded = async (server: PooledServer): Promise<string> => {
    const client = await clientOf(server);
    client.send(get('/', 'Connection: Upgrade', 'Upgrade: test'));
    await client.closed;
    return client.received;
  };

  it.each<[string, (server: PooledServer) => unknown]>([
    ['a restart', (server) => server.restart()],
    ['a new handler', (server) => server.handler(() => ({ default: proxying }))],
    [
      'a change of config',
      (server) => server.setConfig({ name: 'a', listen: LOOPBACK, idleTimeout: '9s' }),
    ],
    [
      'another protocol and back',
      async (server) => {
        await server.setConfig({ name: 'a', listen: LOOPBACK, tls });
        await server.setConfig({ name: 'a', listen: LOOPBACK });
      },
    ],
    [
      'a stop and a start',
      async (server) => {
        await server.stop();
        await server.start();
      },
    ],
  ])('goes on after %s', async (_name, change) => {
    const server = opened.server(
      { name: 'a', listen: LOOPBACK },
      { handlers: () => ({ default: proxying }) },
    );
    await server.start();
    await ask(new URL('/proxy', server.url));
    expect(await upgraded(server)).toContain('101 Proxied');
    await change(server);
    expect(await upgraded(server)).toContain('101 Proxied');
  });

  it('is gone from all once middleware has taken it away from one', async () => {
    const listener = (_request: unknown, socket: Duplex): void =>
      void socket.end('HTTP/1.1 101 Proxied\r\n\r\n');
    const toggling: HandlerEntry = (request, response) => {
      const { server } = request.socket as unknown as { server: NodeJS.EventEmitter };
      if (request.url === '/proxy') server.on('upgrade', listener);
      if (request.url === '/direct') server.off('upgrade', listener);
      response.end('fine');
    };
    const server = opened.server(
      { name: 'a', listen: LOOPBACK },
      { handlers: () => ({ default: toggling }) },
    );
    await server.start();
    await ask(new URL('/proxy', server.url));
    await server.restart();
    expect(await upgraded(server)).toContain('101 Proxied');
    await ask(new URL('/direct', server.url));
    // Without a listener an upgrade is an ordinary request.
    const headers = { connection: 'Upgrade', upgrade: 'test' };
    expect((await ask(server.url ?? '', { headers })).body).toBe('fine');
    await server.restart();
    expect((await ask(server.url ?? '', { headers })).body).toBe('fine');
  });
});
