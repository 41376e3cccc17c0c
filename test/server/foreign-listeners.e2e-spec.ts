import { once, type EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { PooledServer, ServerOptions } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { LOOPBACK } from '../support/handlers.js';
import { ask } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { get, RawClient } from '../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

type Listener = (request: IncomingMessage, socket: Duplex) => void;

const transports = [
  ['http', {}],
  ['https', { tls }],
  ['https beside HTTP/2', { tls, protocol: 'http2' }],
] as const;

const upgrade = get('/', 'Connection: Upgrade', 'Upgrade: test');

/** A server, and what middleware finds behind the socket of a request: another one after each swap. */
class Proxied {
  private inner: EventEmitter | undefined;

  private constructor(readonly server: PooledServer) {}

  static async start(options: Partial<ServerOptions>): Promise<Proxied> {
    const config = { name: 'a', listen: LOOPBACK, ...options };
    const proxied: Proxied = new Proxied(
      opened.server(config, {
        handlers: () => ({
          default: (request, response) => {
            proxied.inner = (request.socket as unknown as { server: EventEmitter }).server;
            response.end('fine');
          },
        }),
      }),
    );
    await proxied.server.start();
    return proxied;
  }

  async emitter(): Promise<EventEmitter> {
    await ask(this.server.url ?? '');
    return this.inner as EventEmitter;
  }

  async client(): Promise<RawClient> {
    const { url = '', tls: secure } = this.server;
    const client = await (secure ? RawClient.connectTls(url) : RawClient.connect(url));
    opened.onClose(() => client.close());
    client.send(upgrade);
    return client;
  }

  /** All that a client hears that asks for an upgrade. */
  async upgraded(): Promise<string> {
    const client = await this.client();
    await client.until('\r\n\r\n');
    return client.received;
  }
}

const answer =
  (text: string): Listener =>
  (_request, socket) =>
    void socket.end(`HTTP/1.1 101 ${text}\r\n\r\n`);

describe.each(transports)('over %s, a listener that middleware adds', (_transport, options) => {
  it.each(['once', 'prependOnceListener'] as const)(
    'by %s() takes one upgrade in all, on whatever server that comes',
    async (method) => {
      const proxied = await Proxied.start(options);
      (await proxied.emitter())[method]('upgrade', answer('Once'));
      await proxied.server.restart();
      expect(await proxied.upgraded()).toContain('101 Once');
      expect(await proxied.upgraded()).toContain('200 OK');
      await proxied.server.restart();
      expect(await proxied.upgraded()).toContain('200 OK');
    },
  );

  it('stands where it was put, after a restart too', async () => {
    const proxied = await Proxied.start(options);
    const calls: string[] = [];
    const inner = await proxied.emitter();
    inner.on('upgrade', (...args: Parameters<Listener>) => {
      calls.push('second');
      answer('Both')(...args);
    });
    inner.prependListener('upgrade', () => calls.push('first'));
    await proxied.upgraded();
    await proxied.server.restart();
    await proxied.upgraded();
    expect(calls).toEqual(['first', 'second', 'first', 'second']);
  });

  it('twice and takes away once is called once', async () => {
    const proxied = await Proxied.start(options);
    let calls = 0;
    const counting = (): number => (calls += 1);
    const inner = await proxied.emitter();
    inner.on('upgrade', counting).on('upgrade', answer('Counted')).on('upgrade', counting);
    await proxied.server.restart();
    (await proxied.emitter()).off('upgrade', counting);
    expect(await proxied.upgraded()).toContain('101 Counted');
    await proxied.server.restart();
    expect(await proxied.upgraded()).toContain('101 Counted');
    expect(calls).toBe(2);
  });

  it.each(['on', 'prependListener'] as const)(
    'by %s() does not get an upgrade that a limit refuses',
    async (method) => {
      const proxied = await Proxied.start({ ...options, maxUpgraded: 1 });
      const sockets: Duplex[] = [];
      const opening: Listener = (_request, socket) => {
        sockets.push(socket);
        socket.write('HTTP/1.1 101 Open\r\n\r\n');
      };
      (await proxied.emitter())[method]('upgrade', opening);
      for (const swapped of [false, true]) {
        if (swapped) await proxied.server.restart();
        const open = await proxied.client();
        await open.until('101 Open');
        expect(await proxied.upgraded()).toMatch(/^HTTP\/1\.1 503 /);
        expect(sockets).toHaveLength(1);
        await once(sockets.splice(0)[0]!.destroy(), 'close');
      }
    },
  );
});
