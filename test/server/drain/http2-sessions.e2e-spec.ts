import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { HandlerEntry, PooledServer, ServerOptions } from '../../../lib/index.js';
import { tls } from '../../support/certificates.js';
import { held, LOOPBACK, says } from '../../support/handlers.js';
import { Http2Client } from '../../support/http2-client.js';
import { MuteHttp2Client } from '../../support/http2-frames.js';
import { Opened } from '../../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const serve = async (
  handler: HandlerEntry,
  options: Partial<ServerOptions> = {},
): Promise<PooledServer> => {
  const config = { name: 'a', listen: LOOPBACK, protocol: 'http2' as const, ...options };
  const server = opened.server(config, { handlers: () => ({ default: handler }) });
  await server.start();
  return server;
};

/** A client and the last stream of each GOAWAY that it got. */
const clientOf = async ({
  url = '',
}: PooledServer): Promise<{ client: Http2Client; goaways: number[]; closed: Promise<unknown> }> => {
  const client = await Http2Client.connect(url);
  opened.onClose(() => client.close());
  const goaways: number[] = [];
  client.session.on('goaway', (_code, lastStream) => goaways.push(lastStream));
  return { client, goaways, closed: once(client.session, 'close') };
};

describe.each<[string, Partial<ServerOptions>]>([
  ['h2', { tls }],
  ['h2c', {}],
])('a session over %s', (_name, options) => {
  it('finishes its streams at a stop, and is told to go away', async () => {
    const { handler, entered, release } = held('whole');
    const server = await serve(handler, options);
    const { client, goaways, closed } = await clientOf(server);
    const answers = Array.from({ length: 20 }, () => client.ask('/'));
    await entered.opened;
    const stopped = server.stop();
    await once(client.session, 'goaway');
    release.open();
    expect((await Promise.all(answers)).map(({ body }) => body)).toEqual(Array(20).fill('whole'));
    expect(await stopped).toMatchObject({ finished: 20, timedOut: false });
    await closed;
    expect(goaways[0]).toBe(39);
  });

  it('that is idle at a stop is told, and ends at once', async () => {
    const server = await serve(says('hello'), options);
    const { client, goaways, closed } = await clientOf(server);
    await client.ask('/');
    // Were the grace waited for, this test would not end.
    const report = await server.stop({ timeout: '1h' });
    expect(report).toMatchObject({ finished: 0, timedOut: false });
    await closed;
    expect(goaways[0]).toBe(1);
  });

  it('that its client closes at the moment of the stop ends at once', async () => {
    const server = await serve(says('hello'), options);
    const { client } = await clientOf(server);
    await client.ask('/');
    client.session.close();
    const report = await server.stop({ timeout: '1h' });
    expect(report.timedOut).toBe(false);
  });

  it('is told nothing by a restart while it is idle, and with its next request leaves', async () => {
    const server = await serve(says('hello'), options);
    const { client, goaways, closed } = await clientOf(server);
    await client.ask('/');
    await server.restart();
    expect(goaways).toEqual([]);
    const answers = await Promise.all([client.ask('/'), client.ask('/'), client.ask('/')]);
    expect(answers.map(({ body }) => body)).toEqual(['hello', 'hello', 'hello']);
    await closed;
    expect(goaways[0]).toBe(7);
  });

  it('leaves with its next request during shutdown.delay', async () => {
    const server = await serve(says('hello'), { ...options, shutdown: { delay: '1h' } });
    const { client, goaways, closed } = await clientOf(server);
    const stopped = server.stop();
    expect((await client.ask('/')).body).toBe('hello');
    await closed;
    expect(goaways[0]).toBe(1);
    expect((await clientOf(server)).client.session.closed).toBe(false);
    void server.stop({ timeout: '20s' });
    expect(await stopped).toMatchObject({ finished: 1, timedOut: false });
  });

  it('loses nothing of a large answer that is under way', async () => {
    const body = 'x'.repeat(4_000_000);
    const server = await serve((_request, response) => void response.end(body), options);
    const { client } = await clientOf(server);
    const answer = client.ask('/');
    const stopped = server.stop();
    expect((await answer).body).toBe(body);
    expect(await stopped).toMatchObject({ finished: 1, timedOut: false });
  });
});

describe('a client of HTTP/2 that answers nothing', () => {
  const muteClientOf = async ({ url = '' }: PooledServer): Promise<MuteHttp2Client> => {
    const client = await MuteHttp2Client.connect(url);
    opened.onClose(() => client.raw.close());
    return client;
  };

  it('gets its answer after a restart all the same', async () => {
    const server = await serve(says('hello'));
    const client = await muteClientOf(server);
    client.ask();
    await client.raw.until('hello');
    await server.restart();
    client.ask();
    await once(client.raw.socket, 'end');
    const { frames } = client;
    const from = frames.indexOf('PING');
    expect(frames.slice(from, from + 4)).toEqual(['PING', 'GOAWAY 3', 'HEADERS', 'DATA']);
    expect(client.raw.received.match(/hello/g)).toHaveLength(2);
  });

  it('is answered what it opens before it knows that it is sent away', async () => {
    const server = await serve(says('hello'));
    const client = await muteClientOf(server);
    client.ask();
    await client.raw.until('hello');
    await server.restart();
    client.ask();
    while (!client.frames.includes('PING')) await once(client.raw.socket, 'data');
    client.ask();
    client.ask();
    client.answerPing();
    await once(client.raw.socket, 'end');
    expect(client.frames).toContain('GOAWAY 7');
    expect(client.raw.received.match(/hello/g)).toHaveLength(4);
  });

  it('and never closes its connection does not hold a stop', async () => {
    const server = await serve(says('hello'));
    const client = await muteClientOf(server);
    client.ask();
    await client.raw.until('hello');
    expect(await server.stop({ timeout: '20s' })).toMatchObject({
      timedOut: false,
      cut: { http2: 0 },
    });
    expect(client.frames.filter((name) => name.startsWith('GOAWAY'))[0]).toBe('GOAWAY 1');
  });
});
