import { createServer as createHttp } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Session } from 'node:http2';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { generate } from 'selfsigned';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { ServerOptions, TlsOptions } from '../../lib/index.js';
import { probe } from '../../lib/monitor/probe.js';
import { clientCa, first, tls } from '../support/certificates.js';
import { failure, gate } from '../support/events.js';
import { held, LOOPBACK, says } from '../support/handlers.js';
import { Opened } from '../support/opened.js';
import { protocols } from '../support/protocols.js';

describe('a health check', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const probed = (more: Partial<ServerOptions>): ServerOptions => ({
    name: 'a',
    listen: LOOPBACK,
    monitor: { path: '/health', checkTimeout: '20s' },
    ...more,
  });

  /** A server of ours would not do it: what it answers to connections is given. */
  const target = async (server: Server, sockets = new Set<Socket>()) => {
    server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    opened.onClose(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    });
    const { port } = server.address() as AddressInfo;
    return { address: { host: '127.0.0.1', port }, secure: false, timeoutMs: 20_000 } as const;
  };

  describe('settles', () => {
    it('when an h2c session ends without an answer', async () => {
      const server = createHttp2();
      server.on('session', (session: ServerHttp2Session) => session.close());
      server.on('stream', (stream) => stream.session?.destroy());
      const to = await target(server as unknown as Server);
      await expect(probe({ ...to, protocol: 'http2', path: '/' })).rejects.toThrow(
        'REFUSED_STREAM',
      );
    });

    it('when an h2c connection closes at once', async () => {
      const to = await target(createServer((socket) => socket.end()));
      const checked = probe({ ...to, protocol: 'http2', path: '/' });
      await expect(checked).rejects.toThrow('the connection ended without an answer');
    });

    it('when the answer is a change of protocol that nobody asked for', async () => {
      const server = createHttp((_request, response) => {
        response.socket?.write(
          'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
        );
      });
      const checked = probe({ ...(await target(server)), protocol: 'http1', path: '/' });
      await expect(checked).rejects.toThrow('GET / answered 101');
    });

    it('when the answer is of a change of protocol, and changes none', async () => {
      const server = createServer((socket) => {
        socket.once('data', () => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
      });
      const to = { ...(await target(server)), protocol: 'http1', path: '/' } as const;
      await expect(probe(to)).rejects.toThrow('GET / answered 101');
    });

    it.each(['http1', 'http2'] as const)(
      'within its time when there is no answer over %s, and leaves no connection',
      async (protocol) => {
        const closed = gate();
        const server = createServer((socket) => socket.resume().once('close', closed.open));
        const to = { ...(await target(server)), protocol, timeoutMs: 20 };
        await expect(probe({ ...to, path: '/' })).rejects.toThrow('no answer within 20 ms');
        await closed.opened;
      },
    );

    it('within its time when a TLS handshake is never answered', async () => {
      const closed = gate();
      const server = createServer((socket) => socket.resume().once('close', closed.open));
      const to = { ...(await target(server)), protocol: 'http1', secure: true } as const;
      await expect(probe({ ...to, timeoutMs: 20 })).rejects.toThrow('no answer within 20 ms');
      await closed.opened;
    });

    it('within its time while interim answers come without end', async () => {
      const server = createServer((socket) => {
        const again = (): void => {
          if (!socket.destroyed)
            socket.write('HTTP/1.1 102 Processing\r\n\r\n', () => setImmediate(again));
        };
        socket.once('data', again);
      });
      const to = { ...(await target(server)), protocol: 'http1', timeoutMs: 50 } as const;
      await expect(probe({ ...to, path: '/' })).rejects.toThrow('no answer within 50 ms');
    });
  });

  describe.each(protocols)('over $name', ({ options }) => {
    it('finds a path healthy whose answer never ends, and leaves no connection', async () => {
      const left = gate();
      const server = opened.server(probed(options), {
        handlers: () => ({
          '': (_request, response) => {
            response.writeHead(200, { 'Content-Type': 'text/event-stream' });
            response.write('data: 1\n\n');
            response.once('close', () => left.open());
          },
        }),
      });
      await server.start();
      await server.healthCheck();
      await left.opened;
      while (server.stats().connections > 0) await new Promise((resolve) => setImmediate(resolve));
    });

    it('lets a short answer come to its end', async () => {
      const finished = gate<boolean>();
      const server = opened.server(probed(options), {
        handlers: () => ({
          '': (_request, response) => {
            response.once('close', () => finished.open(response.writableFinished));
            response.end('x'.repeat(1000));
          },
        }),
      });
      await server.start();
      await server.healthCheck();
      expect(await finished.opened).toBe(true);
    });

    it.each([
      ['many headers', 1_000, 10],
      ['long headers', 4, 15_000],
    ])('finds a path healthy that answers with %s', async (_what, count, length) => {
      const server = opened.server(probed(options), {
        handlers: () => ({
          '': (_request, response) => {
            for (let at = 0; at < count; at += 1) response.setHeader(`x-${at}`, 'x'.repeat(length));
            response.end();
          },
        }),
      });
      await server.start();
      await expect(server.healthCheck()).resolves.toBeUndefined();
    });

    it('leaves no connection after many', async () => {
      const server = opened.server(probed(options), { handlers: () => ({ '': says('ok') }) });
      await server.start();
      for (let count = 0; count < 20; count += 1) await server.healthCheck();
      while (server.stats().connections > 0) await new Promise((resolve) => setImmediate(resolve));
    });

    it('finds a server healthy that turns requests away because there are so many', async () => {
      const { handler, entered, release } = held('done');
      const server = opened.server(probed({ ...options, maxHandlers: 1 }), {
        handlers: () => ({ '': handler }),
      });
      await server.start();
      const busy = server.healthCheck();
      await entered.opened;
      await expect(server.healthCheck()).resolves.toBeUndefined();
      release.open();
      await busy;
    });

    it.each([
      ['answers 500', 500, /GET \/health answered 500/],
      ['answers 503 of its own accord', 503, /GET \/health answered 503/],
      ['does not answer', undefined, /no answer within 1000 ms/],
    ])('finds a server ill that %s while it turns others away', async (_how, status, reason) => {
      const entered = gate();
      // Within that time another one has to shake hands and be turned away.
      const monitor = { path: '/health', checkTimeout: status === undefined ? '1s' : '20s' };
      const server = opened.server(probed({ ...options, monitor, maxHandlers: 2 }), {
        handlers: () => ({
          '': (request, response) => {
            if (request.url !== '/health') return entered.open();
            // Others are turned away while this one is in the handler.
            void turnAway().then(() => status !== undefined && response.writeHead(status).end());
          },
        }),
      });
      await server.start();
      const to = {
        address: server.address as { host: string; port: number },
        secure: server.tls,
        protocol: options.protocol ?? 'http1',
        timeoutMs: 20_000,
      } as const;
      const turnAway = async (): Promise<void> => {
        let isTurnedAway = false;
        const stop = server.observe({ requestShed: () => (isTurnedAway = true) });
        await probe({ ...to, path: '/other' }).catch(() => undefined);
        stop();
        expect(isTurnedAway).toBe(true);
      };
      const leave = new AbortController();
      const busy = probe({ ...to, path: '/held' }, leave.signal).catch(() => undefined);
      await entered.opened;
      await expect(server.healthCheck()).rejects.toThrow(reason);
      leave.abort();
      await busy;
    });

    it('finds a server ill that ends the connection while it turns others away', async () => {
      const server = opened.server(probed({ ...options, maxConnections: 1 }), {
        handlers: () => ({
          '': (request) => void turnAway().then(() => request.socket.destroy()),
        }),
      });
      await server.start();
      const turnAway = async (): Promise<void> => {
        const refused = gate<string>();
        const stop = server.observe({ connectionRefused: refused.open });
        const { port } = server.address as { port: number };
        const other = connect(port, '127.0.0.1').on('error', () => undefined);
        expect(await refused.opened).toBe('limit');
        other.destroy();
        stop();
      };
      await expect(server.healthCheck()).rejects.toThrow(/is not healthy/);
    });

    it('finds a server ill whose handler answers 503 of its own accord', async () => {
      const server = opened.server(probed({ ...options, maxHandlers: 1 }), {
        handlers: () => ({ '': (_request, response) => void response.writeHead(503).end() }),
      });
      await server.start();
      await expect(server.healthCheck()).rejects.toThrow('GET /health answered 503');
    });

    it.each([{ path: '/health' }, {}])(
      'finds a server healthy that takes no more connections, with %j',
      async (monitor) => {
        const { handler, entered, release } = held('done');
        const server = opened.server(probed({ ...options, monitor, maxConnections: 1 }), {
          handlers: () => ({ '': handler }),
        });
        await server.start();
        const busy = probe({
          address: server.address as { host: string; port: number },
          secure: server.tls,
          protocol: options.protocol ?? 'http1',
          path: '/',
          timeoutMs: 20_000,
        });
        await entered.opened;
        await expect(server.healthCheck()).resolves.toBeUndefined();
        release.open();
        await busy;
      },
    );
  });

  describe('of a TLS server by a connection', () => {
    const dated = async (notBeforeDate: Date, notAfterDate: Date) => {
      const made = await generate([{ name: 'commonName', value: 'localhost' }], {
        keyType: 'ec',
        algorithm: 'sha256',
        notBeforeDate,
        notAfterDate,
      });
      return { certs: [{ cert: made.cert, key: made.private }] };
    };
    const years = (count: number): Date => new Date(Date.now() + count * 365 * 86_400_000);

    describe.each(['http1', 'http2'] as const)('with %s', (protocol) => {
      it('is down when its certificate has expired', async () => {
        const expired = await dated(years(-2), years(-1));
        for (const monitor of [{}, { path: '/' }]) {
          const server = opened.server(probed({ protocol, tls: expired, monitor }), {
            handlers: () => ({ '': says('ok') }),
          });
          await server.start();
          await expect(server.healthCheck()).rejects.toThrow('its certificate expired on ');
          await server.stop();
        }
      });

      it('is down when its certificate is not valid yet', async () => {
        const early = await dated(years(1), years(2));
        const server = opened.server(probed({ protocol, tls: early, monitor: {} }));
        await server.start();
        await expect(server.healthCheck()).rejects.toThrow('its certificate is not valid before ');
      });

      it.each(['TLSv1.2', 'TLSv1.3'] as const)(
        'is up over %s though it wants a certificate of every client',
        async (version) => {
          const strict = {
            ...tls,
            authClient: 'require',
            clientCA: [clientCa.cert],
            versionMin: version,
            versionMax: version,
          } as const;
          const server = opened.server(probed({ protocol, tls: strict, monitor: {} }));
          await server.start();
          await expect(server.healthCheck()).resolves.toBeUndefined();
        },
      );
    });

    it.each<[string, Partial<ServerOptions>, RegExp]>([
      ['shows a certificate that is not valid yet', {}, /is not valid before/],
      ['answers what is no HTTP', { tls, monitor: { path: '/' } }, /Parse Error/],
    ])(
      'is down though the check takes the last of its connections when it %s',
      async (_what, more, reason) => {
        const early = await dated(years(1), years(2));
        const server = opened.server(
          probed({ tls: early, monitor: {}, maxConnections: 1, ...more }),
          { handlers: () => ({ '': ({ socket }) => void socket.write('nothing of it\r\n\r\n') }) },
        );
        await server.start();
        await expect(server.healthCheck()).rejects.toThrow(reason);
      },
    );

    it.each<[string, TlsOptions]>([
      ['suites of CCM', { versionMin: 'TLSv1.3', cipherList: 'TLS_AES_128_CCM_SHA256' }],
      ['curves of Brainpool', { versionMax: 'TLSv1.2', curveList: 'brainpoolP256r1' }],
      ['Koblitz curves', { versionMax: 'TLSv1.2', curveList: 'secp256k1' }],
      ['finite fields', { versionMin: 'TLSv1.3', curveList: 'ffdhe3072' }],
    ])('is up though it speaks nothing but %s', async (_what, options) => {
      const server = opened.server(probed({ tls: { ...tls, ...options }, monitor: {} }));
      await server.start();
      await expect(server.healthCheck()).resolves.toBeUndefined();
    });

    it('is refused a path while it wants a certificate of every client', async () => {
      const strict = { authClient: 'require', clientCA: [clientCa.cert] } as const;
      const refused = expect.objectContaining({
        message: expect.stringContaining(
          "monitor.path: '/health' can't be asked while tls.authClient",
        ),
      });
      expect(() => opened.server(probed({ tls: { ...tls, ...strict } }))).toThrow(refused);
      const inheriting = probed({ tls: { inheritDefault: true } });
      expect(() => opened.server(inheriting, { tls: { ...tls, ...strict } })).toThrow(refused);
    });

    it('is refused it by the answer of a default TLS, at each moment that asks for one', async () => {
      const strict = { ...tls, authClient: 'require', clientCA: [clientCa.cert] } as const;
      const refused = expect.objectContaining({
        code: 'ERR_SERVER_VALIDATE',
        message: expect.stringContaining(
          "monitor.path: '/health' can't be asked while tls.authClient",
        ),
      });
      const inheriting = probed({ tls: { inheritDefault: true } });
      await expect(opened.server(inheriting, { tls: () => strict }).start()).rejects.toEqual(
        refused,
      );
      let answer: TlsOptions = tls;
      const server = opened.server(inheriting, {
        handlers: () => ({ '': says('ok') }),
        tls: async () => answer,
      });
      await server.start();
      answer = strict;
      await expect(server.restart()).rejects.toEqual(refused);
      await expect(server.healthCheck()).resolves.toBeUndefined();
      // Its own word goes before the default's.
      await server.setConfig(probed({ tls: { inheritDefault: true, authClient: 'none' } }));
      await expect(server.healthCheck()).resolves.toBeUndefined();
      await server.setConfig(probed({ tls: { inheritDefault: true }, monitor: {} }));
      await expect(server.healthCheck()).resolves.toBeUndefined();
      await expect(server.setConfig(inheriting)).rejects.toEqual(refused);
      await expect(server.healthCheck()).resolves.toBeUndefined();
    });

    /** A certificate and an SNI callback, say, that have no cipher in common with anybody. */
    const noCommonCipher: TlsOptions = {
      certs: [first],
      cipherList: ['ECDHE-RSA-AES128-GCM-SHA256'],
      versionMax: 'TLSv1.2',
    };

    it('is down when every handshake fails', async () => {
      const server = opened.server(probed({ tls: noCommonCipher, monitor: {} }));
      await server.start();
      const error = await failure(server.healthCheck());
      expect(error.message).toMatch(/is not healthy: .*handshake/);
    });

    it('says since when it was found down, also without a monitor, and until it is up', async () => {
      const server = opened.server({ name: 'a', listen: LOOPBACK, tls: noCommonCipher });
      await server.start();
      const found = Math.floor(performance.now());
      expect(await server.monitor()).toMatchObject({ status: 'down' });
      const again = await server.monitor();
      expect(again.downtime).toBeGreaterThan(0);
      expect(again.downtime).toBeLessThanOrEqual(Math.ceil(performance.now() - found));
      await server.setConfig({ name: 'a', listen: LOOPBACK, tls: { certs: [first] } });
      expect(await server.monitor()).toMatchObject({ status: 'up', downtime: 0 });
    });
  });
});
