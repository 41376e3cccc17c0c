import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { HandlerEntry, PooledServer, ServerOptions } from '../../../lib/index.js';
import { tls } from '../../support/certificates.js';
import { gate } from '../../support/events.js';
import { held, LOOPBACK, says } from '../../support/handlers.js';
import { Http2Client } from '../../support/http2-client.js';
import { Opened } from '../../support/opened.js';
import { protocols, type Client } from '../../support/protocols.js';
import { get, RawClient } from '../../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const serve = async (
  handler: HandlerEntry,
  options: Partial<ServerOptions>,
): Promise<PooledServer> => {
  const config = { name: 'a', listen: LOOPBACK, ...options };
  const server = opened.server(config, { handlers: () => ({ default: handler }) });
  await server.start();
  return server;
};

describe.each(protocols)('a connection that is open over $name', ({ options, connect }) => {
  const clientOf = async ({ url = '' }: PooledServer): Promise<Client> => {
    const client = await connect(url);
    opened.onClose(() => client.close());
    return client;
  };

  it('meets a new handler with its next request', async () => {
    const server = await serve(says('old'), options);
    const client = await clientOf(server);
    expect((await client.ask('/')).body).toBe('old');
    server.handler(() => ({ default: says('new') }));
    expect((await client.ask('/')).body).toBe('new');
    expect(server.stats().connections).toBe(1);
  });

  it('gets the answer of the handler that it asked, and the next one of the new', async () => {
    const { handler, entered, release } = held('old');
    const server = await serve(handler, options);
    const client = await clientOf(server);
    const answer = client.ask('/');
    await entered.opened;
    server.handler(() => ({ default: says('new') }));
    release.open();
    expect((await answer).body).toBe('old');
    expect((await client.ask('/')).body).toBe('new');
  });

  it('meets a new handler on the transport that a restart left to drain', async () => {
    const server = await serve(says('old'), options);
    const client = await clientOf(server);
    await client.ask('/');
    await server.restart();
    server.handler(() => ({ default: says('new') }));
    expect((await client.ask('/')).body).toBe('new');
  });

  it('streams on through a restart, beside new ones', async () => {
    const begun = gate<ServerResponse>();
    const server = await serve((request, response) => {
      if (request.url !== '/stream') return void response.end('short');
      response.write('first ');
      begun.open(response);
    }, options);
    const client = await clientOf(server);
    const stream = client.ask('/stream');
    const response = await begun.opened;
    await server.restart();
    expect((await (await clientOf(server)).ask('/')).body).toBe('short');
    response.write('second ');
    await server.restart();
    response.end('last');
    expect((await stream).body).toBe('first second last');
  });

  it('is drained with those of all earlier transports', async () => {
    const waiting: ServerResponse[] = [];
    let entered = gate();
    const server = await serve((_request, response) => {
      waiting.push(response);
      entered.open();
    }, options);
    const answers: Promise<unknown>[] = [];
    for (let transport = 0; transport < 3; transport += 1) {
      answers.push((await clientOf(server)).ask('/'));
      await entered.opened;
      entered = gate();
      await server.restart();
    }
    const stopped = server.stop({ timeout: '20s' });
    for (const response of waiting) response.end('whole');
    expect(await Promise.all(answers)).toMatchObject(Array(3).fill({ body: 'whole' }));
    expect(await stopped).toMatchObject({ finished: 3, timedOut: false });
  });

  it('ends at once with a stop when it has been quiet, unless its client has paused for longer before', async () => {
    const { handler, entered, release } = held('late');
    const server = await serve(
      (request, response) =>
        request.url === '/late' ? handler(request, response) : response.end('soon'),
      { ...options, shutdown: { quiet: 500 } },
    );
    const [quiet, pausing, late] = [
      await clientOf(server),
      await clientOf(server),
      await clientOf(server),
    ];
    await quiet.ask('/');
    await pausing.ask('/');
    const lateAnswer = late.ask('/late');
    await entered.opened;
    // Rests, which are what it is about: the last one is shorter than twice the first on a busy machine, too.
    await wait(1_500);
    await pausing.ask('/');
    await wait(600);
    release.open();
    expect((await lateAnswer).body).toBe('late');
    const stopped = server.stop();
    while (server.stats().connections > 2) await new Promise(setImmediate);
    const answers = await Promise.all([pausing.ask('/'), late.ask('/')]);
    expect(answers).toMatchObject([{ body: 'soon' }, { body: 'soon' }]);
    expect(await stopped).toMatchObject({ timedOut: false });
  });

  it('is told of in the report of a stop if it was answered since, and not before', async () => {
    const waiting: ServerResponse[] = [];
    const entered = [gate(), gate()];
    const server = await serve((_request, response) => {
      entered[waiting.push(response) - 1]?.open();
    }, options);
    const [first, second] = [await clientOf(server), await clientOf(server)];
    const answers = [first.ask('/')];
    await entered[0]?.opened;
    answers.push(second.ask('/'));
    await entered[1]?.opened;
    await server.restart();
    waiting[0]?.end('whole');
    await answers[0];
    await first.close();
    const stopped = server.stop({ timeout: '20s' });
    waiting[1]?.end('whole');
    await answers[1];
    expect(await stopped).toMatchObject({ finished: 1, timedOut: false });
  });

  it.each<[string, (response: ServerResponse) => unknown]>([
    ['setHeader', (response) => response.setHeader('Content-Type', 'text/event-stream')],
    ['writeHead', (response) => response.writeHead(200, { 'Content-Type': 'text/event-stream' })],
  ])('ends with a drain when it has server-sent events by %s', async (_how, begin) => {
    const begun = gate();
    const server = await serve(
      (_request, response) => {
        begin(response);
        response.write('data: 1\n\n', () => begun.open());
      },
      { ...options, shutdown: { timeout: '1h' } },
    );
    const ended = (await clientOf(server)).ask('/').catch(() => undefined);
    await begun.opened;
    expect(await server.stop()).toMatchObject({ timedOut: false, cut: { http1: 0, http2: 0 } });
    await ended;
  });

  it('ends within shutdown.pace, one after the other', async () => {
    let waiting = gate();
    const ends: number[] = [];
    const server = await serve(
      (_request, response) => {
        response.on('close', () => ends.push(performance.now()));
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.write('data: 1\n\n', () => waiting.open());
      },
      { ...options, shutdown: { timeout: '1h', pace: '1s' } },
    );
    for (let count = 0; count < 3; count += 1) {
      void (await clientOf(server)).ask('/').catch(() => undefined);
      await waiting.opened;
      waiting = gate();
    }
    expect(await server.stop()).toMatchObject({ timedOut: false });
    // An answer may hear of the end of its connection after the stop has.
    while (ends.length < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(ends[2]! - ends[0]!).toBeGreaterThan(50);
  });
});

describe.each<[string, Partial<ServerOptions>]>([
  ['http', {}],
  ['https', { tls }],
  ['the fallback of h2', { tls, protocol: 'http2' }],
])('a WebSocket over %s', (_name, options) => {
  it('lives on through restarts and changes of the config, until the stop cuts it', async () => {
    const handler: HandlerEntry = {
      request: says('hello'),
      upgrade: (_request, socket) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
        socket.on('data', (data) => socket.write(data));
        socket.on('error', () => undefined);
      },
    };
    const server = await serve(handler, options);
    const { url = '' } = server;
    const client = await (options.tls ? RawClient.connectTls(url) : RawClient.connect(url));
    opened.onClose(() => client.close());
    client.send(get('/', 'Connection: Upgrade', 'Upgrade: test'));
    await client.until('101');
    await server.restart();
    client.send('one ');
    await client.until('one');
    await server.setConfig({ ...server.config, protocol: 'http2', tls });
    client.send('two ');
    await client.until('two');
    const report = await server.stop({ timeout: 50 });
    expect(report).toMatchObject({ timedOut: true, cut: { upgraded: 1, http1: 0, idle: 0 } });
    await client.closed;
  });
});

it('an HTTP/2 session that never asks again leaves a replaced transport by itself', async () => {
  const server = await serve(says('hello'), { protocol: 'http2' });
  const client = await Http2Client.connect(server.url ?? '');
  opened.onClose(() => client.close());
  await client.ask('/');
  const closed = new Promise((resolve) => client.session.once('close', resolve));
  await server.restart();
  await closed;
  // The client is through before the server has read its end.
  while (server.stats().connections > 0) await new Promise(setImmediate);
  expect(server.isRunning()).toBe(true);
}, 15_000);
