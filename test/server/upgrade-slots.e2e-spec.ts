import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { HandlerEntry, PooledServer, ServerOptions } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { gate } from '../support/events.js';
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

const upgrade = get('/', 'Connection: Upgrade', 'Upgrade: test');
const switching =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n';
const refusal = 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

type Owner = (socket: Socket) => unknown;

/** One slot, and one place for what is upgraded. */
const serve = async (
  options: Partial<ServerOptions>,
  own: Owner,
  request: HandlerEntry = (_request, response) => response.end('fine'),
): Promise<PooledServer> => {
  const config = { name: 'a', listen: LOOPBACK, maxHandlers: 1, maxUpgraded: 1, ...options };
  const entry = { request, upgrade: (_request: unknown, socket: Socket) => own(socket) };
  const handlers = (): object => ({ default: entry });
  const server = opened.server(config, { handlers: handlers as never });
  await server.start();
  return server;
};

const clientOf = async ({ url = '', config }: PooledServer): Promise<RawClient> => {
  const client = await (config.tls ? RawClient.connectTls(url) : RawClient.connect(url));
  opened.onClose(() => client.close());
  return client;
};

const free = async ({ url = '' }: PooledServer): Promise<void> => {
  while ((await ask(url)).status !== 200) await wait(20);
};

const none = async (server: PooledServer): Promise<void> => {
  while (server.stats().connections > 0) await wait(20);
};

const later = async (): Promise<void> => {
  for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
};

/** Who is given the socket of an upgrade, and does not care for its end. */
const owners: [string, Owner][] = [
  ['leaves it', () => undefined],
  ['pauses it', (socket) => socket.pause()],
  ['reads it', (socket) => socket.resume()],
  [
    'pauses it and refuses it later',
    async (socket) => {
      socket.pause();
      await later();
      socket.end(refusal);
    },
  ],
  [
    'removes all of its listeners',
    (socket) => {
      socket.removeAllListeners();
      socket.on('end', () => socket.destroy());
      socket.resume().write(switching);
    },
  ],
];

describe.each(transports)('of an upgrade over %s, whose owner', (_transport, options) => {
  describe.each(owners)('%s', (_owner, own) => {
    it.each<[string, (client: RawClient) => unknown]>([
      ['ends its side', ({ socket }) => socket.end()],
      ['sends a byte and ends its side', ({ socket }) => socket.end('x')],
      [
        'sends a byte and leaves',
        ({ socket }) => {
          socket.write('x');
          if ('encrypted' in socket) socket.destroy();
          else socket.resetAndDestroy();
        },
      ],
    ])('the slots and the connection are free when its client %s', async (_how, leave) => {
      const entered = gate();
      const server = await serve(options, (socket) => {
        entered.open();
        return own(socket);
      });
      const client = await clientOf(server);
      client.send(upgrade);
      await entered.opened;
      leave(client);
      await free(server);
      await none(server);
      // Both are free for another one.
      const next = await clientOf(server);
      next.send(upgrade);
      while (server.stats().requests < 3) await wait(5);
      await client.close();
      expect(next.received).not.toContain('503');
    });
  });

  it('ends it with an answer, the slot is free though its client stays', async () => {
    const server = await serve({ ...options, maxUpgraded: undefined }, (socket) =>
      socket.resume().end(refusal),
    );
    const client = await clientOf(server);
    client.socket.allowHalfOpen = true;
    client.send(upgrade);
    await client.until('401');
    await free(server);
    expect(client.socket.writable).toBe(true);
  });

  it('is middleware that leaves it, the slot is free', async () => {
    const heard = gate();
    const server = await serve(
      options,
      () => undefined,
      (request, response) => {
        const { server: inner } = request.socket as unknown as { server: NodeJS.EventEmitter };
        if (inner.listenerCount('upgrade') < 2) inner.on('upgrade', () => heard.open());
        response.end('fine');
      },
    );
    expect((await ask(server.url ?? '')).status).toBe(200);
    const client = await clientOf(server);
    client.send(upgrade);
    await heard.opened;
    client.socket.end('x');
    await free(server);
  });
});

it('a reset is no fault of an owner who has removed the listeners for errors', async () => {
  const closed = gate();
  const server = await serve({}, (socket) => {
    socket.once('close', () => closed.open());
    socket.removeAllListeners('error').resume().write(switching);
  });
  const client = await clientOf(server);
  client.send(upgrade);
  await client.until('101');
  client.socket.resetAndDestroy();
  await closed.opened;
  expect(server.isRunning()).toBe(true);
});

it('an owner that reads slowly, and has ended its side, gets all that comes', async () => {
  const size = 1_000_000;
  const got = gate<number>();
  const server = await serve({}, (socket) => {
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      socket.pause();
      setTimeout(() => socket.resume(), 20);
    });
    socket.once('end', () => got.open(bytes));
    socket.end(switching);
  });
  const client = await clientOf(server);
  client.socket.allowHalfOpen = true;
  client.send(upgrade);
  await client.until('101');
  client.socket.end(Buffer.alloc(size));
  expect(await got.opened).toBe(size);
});

describe.each(transports)('a slot of a request over %s is free', (_transport, options) => {
  it.each<[string, HandlerEntry]>([
    ['whose answer has lost its listeners', (_, response) => response.removeAllListeners('close')],
    [
      'that is answered on its socket',
      ({ socket }) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
    ],
    [
      'that is answered on its socket, the answer taken off it',
      ({ socket }, response) => {
        response.detachSocket(socket);
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      },
    ],
  ] as [string, HandlerEntry][])('%s', async (_what, handler) => {
    const entered = gate();
    const server = await serve(
      options,
      () => undefined,
      (request, response) => {
        if (request.url === '/') return response.end('fine');
        (handler as (...message: unknown[]) => void)(request, response);
        entered.open();
      },
    );
    const client = await clientOf(server);
    client.send(get('/held'));
    await entered.opened;
    client.socket.end();
    client.socket.resume();
    await Promise.race([once(client.socket, 'close'), client.closed]);
    await free(server);
  });
});

describe.each(transports)('what is put in the place of a write of a socket of %s', (_, options) => {
  let seen: string[] = [];
  const wrap = (socket: Socket): void => {
    const { write } = socket as { write: (...args: unknown[]) => boolean };
    socket.write = (...args: unknown[]) => {
      seen.push(String(args[0]));
      return write.apply(socket, args);
    };
  };
  const own: Owner = (socket) => {
    socket.write(switching);
    socket.write('one');
    socket.write('two');
  };

  it.each<[string, Owner, HandlerEntry | undefined]>([
    ['by who is given it', (socket) => (wrap(socket), own(socket)), undefined],
    [
      'by a request before',
      own,
      (request, response) => {
        wrap(request.socket);
        response.end('fine');
      },
    ],
  ])('%s stays there', async (_by, owner, request) => {
    const server = await serve(options, owner, request);
    const client = await clientOf(server);
    client.send(get('/'));
    await client.until('fine');
    seen = [];
    client.send(upgrade);
    await client.until('two');
    expect(seen).toEqual([switching, 'one', 'two']);
  });
});
