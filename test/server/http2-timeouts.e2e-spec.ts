import { once } from 'node:events';
import {
  connect as connectHttp2,
  type ClientHttp2Session,
  type ClientHttp2Stream,
} from 'node:http2';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { HandlerEntry, PooledServer, ServerOptions } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { LOOPBACK } from '../support/handlers.js';
import { frame, MuteHttp2Client, preface } from '../support/http2-frames.js';
import { Opened } from '../support/opened.js';
import { RawClient } from '../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

/** Answers `/`, and holds every other request for ever. */
const handler: HandlerEntry = (request, response) => {
  if (request.url === '/') response.end('fine');
};

const closeOf = (stream: ClientHttp2Stream): Promise<void> =>
  new Promise((resolve) => void stream.once('close', resolve));

/** As a GOAWAY tells it, behind the last stream: none. */
const ENHANCE_YOUR_CALM = '\0\0\0\0\0\0\0\x0b';

const GET = '\x82\x86\x84\x01\x09localhost';
const GET_HELD = '\x82\x86\x04\x05/held\x01\x09localhost';
const POST_HELD = '\x83\x86\x04\x05/held\x01\x09localhost';

describe.each([
  ['h2c', {}],
  ['h2', { tls }],
] as const)('the timeouts of %s', (_name, options) => {
  const serve = async (more: Partial<ServerOptions>): Promise<PooledServer> => {
    const config = { name: 'a', listen: LOOPBACK, protocol: 'http2', ...options, ...more } as const;
    const server = opened.server(config, { handlers: () => ({ default: handler }) });
    await server.start();
    return server;
  };

  const rawOf = async ({ url = '', tls: secure }: PooledServer): Promise<RawClient> => {
    const client = await (secure
      ? RawClient.connectTls(url, { ALPNProtocols: ['h2'] })
      : RawClient.connect(url));
    opened.onClose(() => client.close());
    return client;
  };

  const muteOf = async (server: PooledServer): Promise<MuteHttp2Client> => {
    const raw = await rawOf(server);
    raw.send(preface + frame('SETTINGS', 0, 0));
    return MuteHttp2Client.over(raw);
  };

  const sessionOf = ({ url = '' }: PooledServer): ClientHttp2Session => {
    const session = connectHttp2(url, { rejectUnauthorized: false });
    session.on('error', () => undefined);
    opened.onClose(() => session.destroy());
    return session;
  };

  const request = (session: ClientHttp2Session, path: string): ClientHttp2Stream => {
    const stream = session.request({ ':path': path });
    stream.on('error', () => undefined);
    return stream;
  };

  describe('readHeaderTimeout ends a connection', () => {
    it.each([
      ['without a preface', ''],
      ['with half a preface', preface.slice(0, 10)],
      ['with a preface alone', preface],
      [
        'with half of its SETTINGS',
        preface + frame('SETTINGS', 0, 0, '\0\x03\0\0\0\x64').slice(0, 12),
      ],
    ])('%s', async (_what, bytes) => {
      const client = await rawOf(await serve({ readHeaderTimeout: '100ms', idleTimeout: 0 }));
      client.send(bytes);
      await client.closed;
    });

    it.each([
      ['half a header block', frame('HEADERS', 0x1, 1, GET)],
      ['half a frame', frame('HEADERS', 0x5, 1, GET).slice(0, 15)],
      [
        'half a header block while another stream is open',
        frame('HEADERS', 0x5, 1, GET_HELD) + frame('HEADERS', 0x1, 3, GET),
      ],
      [
        'half a frame behind a GOAWAY, while a stream is open',
        frame('HEADERS', 0x5, 1, GET_HELD) +
          frame('GOAWAY', 0, 0, '\0'.repeat(8)) +
          frame('PING', 0, 0, '12345678').slice(0, 12),
      ],
    ])('with %s', async (_what, bytes) => {
      const mute = await muteOf(await serve({ readHeaderTimeout: '100ms', idleTimeout: 0 }));
      mute.raw.send(bytes);
      await mute.raw.closed;
    });

    it('of a header block that drips', async () => {
      const mute = await muteOf(await serve({ readHeaderTimeout: '100ms', idleTimeout: 0 }));
      mute.raw.send(frame('HEADERS', 0x1, 1, GET));
      const dripping = setInterval(() => mute.raw.send(frame('CONTINUATION', 0, 1, '')), 20);
      await mute.raw.closed;
      clearInterval(dripping);
    });

    it.each([
      ['answers each PING', () => undefined],
      ['has sent a GOAWAY', (session: ClientHttp2Session) => session.goaway(0)],
    ])('and none of a client that %s, however long its stream is open', async (_what, then) => {
      const server = await serve({ readHeaderTimeout: '400ms', idleTimeout: 0 });
      const session = sessionOf(server);
      const held = request(session, '/held');
      while (server.stats().inFlight === 0) await wait(5);
      then(session);
      await wait(2_000);
      expect([held.destroyed, session.destroyed]).toEqual([false, false]);
    });
  });

  it('readTimeout resets a stream whose body does not come to an end, and no other', async () => {
    const server = await serve({ readTimeout: '200ms' });
    // On a session of its own: a client of Node 20 that is reset, and is then destroyed with another
    // stream open, never returns.
    const held = request(sessionOf(server), '/held');
    const upload = sessionOf(server).request({ ':path': '/held', ':method': 'POST' });
    upload.on('error', () => undefined).write('half');
    await closeOf(upload);
    expect(upload.rstCode).not.toBe(0);
    expect(held.destroyed).toBe(false);
  });

  describe('idleTimeout ends a session', () => {
    it('after an answer, by default too', async () => {
      const session = sessionOf(await serve({}));
      const closed = once(session, 'close');
      request(session, '/').resume();
      await closed;
    });

    it('that never asked', async () => {
      const session = sessionOf(await serve({ idleTimeout: '100ms' }));
      await once(session, 'close');
    });

    it('whose client opens a stream, waits longer, and resets it', async () => {
      const session = sessionOf(await serve({ idleTimeout: '100ms' }));
      const closed = once(session, 'close');
      const stream = request(session, '/held');
      await once(session, 'remoteSettings');
      await wait(400);
      expect(session.closed).toBe(false);
      stream.close();
      await closed;
    });

    it('whose client closes nothing by itself', async () => {
      const server = await serve({ idleTimeout: '100ms' });
      const mute = await muteOf(server);
      mute.raw.send(frame('HEADERS', 0x5, 1, GET));
      await mute.raw.closed;
      while (server.stats().connections > 0) await wait(20);
    });

    it('that has no stream, and not one that waits for its answer', async () => {
      const session = sessionOf(await serve({ idleTimeout: '50ms' }));
      const stream = request(session, '/held');
      await once(session, 'remoteSettings');
      await wait(500);
      expect([stream.destroyed, session.destroyed]).toEqual([false, false]);
    });

    it.each([
      ['SETTINGS of five bytes', frame('SETTINGS', 0, 0, '\0\0\0\0\0')],
      ['DATA after the end of its stream', frame('DATA', 0, 1, 'late')],
      ['a header block that cannot be read', frame('HEADERS', 0x5, 3, '\xff\xff\xff\xff\xff')],
    ])('that was sent an error GOAWAY for %s, though a stream is open', async (_what, bytes) => {
      const server = await serve({ idleTimeout: '200ms', maxConnections: 1 });
      const mute = await muteOf(server);
      mute.raw.send(frame('HEADERS', 0x5, 1, GET_HELD));
      while (server.stats().inFlight === 0) await wait(5);
      mute.raw.send(bytes);
      while (server.stats().connections > 0) await wait(20);
      const { finished, timedOut } = await server.stop();
      expect([finished, timedOut]).toEqual([0, false]);
    });

    it('that was sent an error GOAWAY while its client owed the answer to a PING', async () => {
      const server = await serve({ idleTimeout: '200ms', readHeaderTimeout: '1h' });
      const mute = await muteOf(server);
      mute.raw.send(frame('HEADERS', 0x5, 1, GET_HELD));
      while (!mute.frames.includes('PING')) await wait(5);
      mute.raw.send(frame('SETTINGS', 0, 0, '\0\0\0\0\0'));
      while (server.stats().connections > 0) await wait(20);
    });
  });

  it('writeTimeout resets a stream whose answer does not come to an end', async () => {
    const session = sessionOf(await serve({ writeTimeout: '100ms' }));
    const stream = request(session, '/held');
    await closeOf(stream);
    expect(stream.rstCode).not.toBe(0);
  });

  it('take effect on open sessions when they change', async () => {
    const server = await serve({ idleTimeout: 0 });
    const session = sessionOf(server);
    const closed = once(session, 'close');
    request(session, '/').resume();
    await once(session, 'remoteSettings');
    await server.setConfig({
      name: 'a',
      listen: LOOPBACK,
      protocol: 'http2',
      ...options,
      idleTimeout: '50ms',
    });
    await closed;
  });

  describe('a flood', () => {
    it.each([
      ['of PINGs', frame('PING', 0, 0, '12345678')],
      ['of SETTINGS', frame('SETTINGS', 0, 0)],
    ])('%s ends the connection, and a GOAWAY says why', async (_what, bytes) => {
      const client = await muteOf(await serve({ readHeaderTimeout: '400ms' }));
      client.raw.socket.on('data', () => undefined);
      const flooding = setInterval(() => client.raw.send(bytes.repeat(500)), 5);
      await client.raw.closed;
      clearInterval(flooding);
      expect(client.raw.received).toContain(frame('GOAWAY', 0, 0, ENHANCE_YOUR_CALM));
    });

    it('of streams that are reset at once ends the connection', async () => {
      const client = await muteOf(await serve({ idleTimeout: '400ms' }));
      let id = 1;
      const flooding = setInterval(() => {
        for (let count = 0; count < 100; count += 1, id += 2) {
          client.raw.send(
            frame('HEADERS', 0x5, id, GET_HELD) + frame('RST_STREAM', 0, id, '\0\0\0\x08'),
          );
        }
      }, 10);
      await client.raw.closed;
      clearInterval(flooding);
    });
  });

  it('count an upload that goes on as life, though its client answers a PING late', async () => {
    const mute = await muteOf(await serve({ readHeaderTimeout: '600ms' }));
    mute.raw.send(frame('HEADERS', 0x4, 1, POST_HELD));
    for (let count = 0; count < 40; count += 1) {
      mute.raw.send(frame('DATA', 0, 1, 'x'.repeat(100)));
      await wait(50);
    }
    expect(mute.raw.socket.destroyed).toBe(false);
  });
});
