import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PooledServer, ServerOptions } from '../../../lib/index.js';
import { tls } from '../../support/certificates.js';
import { gate } from '../../support/events.js';
import { held, LOOPBACK, says } from '../../support/handlers.js';
import { Opened } from '../../support/opened.js';
import { get, RawClient } from '../../support/raw-client.js';

const hostKey = Symbol.for('nestjs-http-pool.worker-host');
const processes = globalThis as { [hostKey]?: Host };

/** The facts that go along with a connection. */
type Facts = Record<string, unknown>;

/** A supervisor, whose other process serves on and takes what `take` says. */
class Host {
  readonly servesOn = true;
  readonly offered: { address: string; facts: Facts }[] = [];
  readonly asked = gate();
  take: () => boolean | Promise<boolean> = () => false;
  onTheirWay = 0;
  mostAtOnce = 0;

  async reserve(): Promise<undefined> {
    return undefined;
  }

  async moveConnection(address: string, _handle: object, facts: Facts): Promise<boolean> {
    this.offered.push({ address, facts });
    this.onTheirWay += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.onTheirWay);
    this.asked.open();
    const isTaken = await this.take();
    this.onTheirWay -= 1;
    return isTaken;
  }
}

describe('a drain while another process serves on', () => {
  const opened = new Opened();
  let host: Host;

  beforeEach(() => {
    host = new Host();
    processes[hostKey] = host;
  });
  afterEach(async () => {
    delete processes[hostKey];
    await opened.closeAll();
  });

  const serve = async (
    options: Partial<ServerOptions> = {},
    handler = says('hello'),
  ): Promise<PooledServer> => {
    const shutdown = { delay: '1h', timeout: '1h' };
    const config = { name: 'a', listen: LOOPBACK, shutdown, ...options };
    const server = opened.server(config, { handlers: () => ({ default: handler }) });
    await server.start();
    return server;
  };
  const connect = async ({ url = '' }: PooledServer): Promise<RawClient> => {
    const client = url.startsWith('https:')
      ? await RawClient.connectTls(url)
      : await RawClient.connect(url);
    opened.onClose(() => client.close());
    return client;
  };
  const asking = async (server: PooledServer): Promise<RawClient> => {
    const client = await connect(server);
    client.send(get('/'));
    await client.until('hello');
    client.received = '';
    return client;
  };

  it('gives it the idle connections, and waits neither for them nor for the delay', async () => {
    host.take = () => true;
    const server = await serve({ keepAliveMaxRequests: 10 });
    const { host: address } = new URL(server.url ?? '');
    const client = await asking(server);
    expect(await server.stop()).toMatchObject({ finished: 0, timedOut: false });
    expect(host.offered).toMatchObject([{ address, facts: { hasAsked: true, requests: 1 } }]);
    expect(await client.closed).toBeUndefined();
  });

  it('gives it those that have never sent a byte', async () => {
    host.take = () => true;
    const server = await serve();
    await connect(server);
    while (server.stats().connections === 0) await new Promise(setImmediate);
    expect((await server.stop()).timedOut).toBe(false);
    expect(host.offered).toMatchObject([{ facts: { hasAsked: false, requests: 0 } }]);
  });

  it('gives it those that have sent a PROXY header alone, and what that says', async () => {
    host.take = () => true;
    const server = await serve({ proxyProtocol: 'required', trustedProxies: ['127.0.0.1'] });
    const header = 'PROXY TCP4 203.0.113.7 10.0.0.1 55555 443\r\n';
    const client = await connect(server);
    client.send(header);
    // By then the header of the first one was read, too.
    const other = await connect(server);
    other.send(header + get('/'));
    await other.until('hello');
    expect((await server.stop()).timedOut).toBe(false);
    expect(host.offered).toHaveLength(2);
    for (const { facts } of host.offered) {
      expect(facts).toMatchObject({ hasAsked: true, client: { address: '203.0.113.7' } });
    }
  });

  it('answers on one that is not taken, for the last time', async () => {
    const server = await serve();
    const client = await asking(server);
    const stopped = server.stop();
    await host.asked.opened;
    client.send(get('/'));
    expect(await client.until('hello')).toContain('Connection: close');
    expect(await stopped).toMatchObject({ finished: 1, timedOut: false });
  });

  it('answers what came while one was on its way that is not taken', async () => {
    const answer = gate<boolean>();
    host.take = () => answer.opened;
    const server = await serve();
    const client = await asking(server);
    const stopped = server.stop();
    await host.asked.opened;
    client.send(get('/'));
    await new Promise(setImmediate);
    expect(client.received).toBe('');
    answer.open(false);
    expect(await client.until('hello')).toContain('Connection: close');
    expect((await stopped).finished).toBe(1);
  });

  it('keeps a connection whose request is in its handler', async () => {
    const { handler, entered, release } = held('hello');
    const server = await serve({}, handler);
    const client = await connect(server);
    client.send(get('/'));
    await entered.opened;
    const stopped = server.stop();
    while (server.address) await new Promise(setImmediate);
    release.open();
    expect(await client.until('hello')).toContain('Connection: close');
    expect(await stopped).toMatchObject({ finished: 1, timedOut: false });
    expect(host.offered).toEqual([]);
  });

  it('keeps a connection of TLS, whose keys are of this process', async () => {
    const server = await serve({ tls });
    const client = await asking(server);
    const stopped = server.stop();
    while (server.address) await new Promise(setImmediate);
    client.send(get('/'));
    expect(await client.until('hello')).toContain('Connection: close');
    expect((await stopped).finished).toBe(1);
    expect(host.offered).toEqual([]);
  });

  it('has at most 16 on their way at once', async () => {
    const all = gate<boolean>();
    host.take = () => all.opened;
    const server = await serve();
    const clients = await Promise.all(Array.from({ length: 20 }, () => asking(server)));
    const stopped = server.stop();
    await host.asked.opened;
    expect(host.onTheirWay).toBe(16);
    all.open(true);
    expect((await stopped).timedOut).toBe(false);
    expect(host.offered).toHaveLength(clients.length);
    expect(host.mostAtOnce).toBe(16);
  });

  it('cuts what is on its way when the grace ends', async () => {
    host.take = () => new Promise(() => undefined);
    const server = await serve();
    const client = await asking(server);
    const stopped = server.stop();
    await host.asked.opened;
    await server.stop({ timeout: 0 });
    expect(await stopped).toMatchObject({ finished: 0 });
    await client.closed;
  });

  it('moves nothing where there is no way to', async () => {
    Object.assign(host, { moveConnection: undefined });
    const server = await serve();
    const client = await asking(server);
    const stopped = server.stop();
    while (server.address) await new Promise(setImmediate);
    client.send(get('/'));
    expect(await client.until('hello')).toContain('Connection: close');
    await once(client.socket, 'end');
    expect((await stopped).finished).toBe(1);
  });
});
