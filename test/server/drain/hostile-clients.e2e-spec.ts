import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { DrainReport, PooledServer, ServerOptions } from '../../../lib/index.js';
import { ca, tls } from '../../support/certificates.js';
import { Journal, LOOPBACK } from '../../support/handlers.js';
import {
  allRead,
  hostileHandler,
  largeBytes,
  openHostile,
  readSlowly,
  stallHandshake,
  type HostileKind,
} from '../../support/hostile-clients.js';
import { Http2Client } from '../../support/http2-client.js';
import { Opened } from '../../support/opened.js';
import type { RawClient } from '../../support/raw-client.js';

const shortGraceMs = 150;
const nothing = { http1: 0, http2: 0, upgraded: 0, connect: 0, tls: 0, idle: 0 };

describe.each<[string, Partial<ServerOptions>]>([
  ['http', {}],
  ['https', { tls }],
  ['h2 and its fallback', { tls, protocol: 'http2' }],
])('a stop against hostile clients over %s', (_name, options) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());
  const journal = new Journal();

  const serve = async (): Promise<PooledServer> => {
    const config = { name: 'a', listen: LOOPBACK, ...options };
    const handlers = (): object => ({ default: hostileHandler });
    const server = opened.server(config, { handlers: handlers as never, logger: journal });
    await server.start();
    return server;
  };

  const open = async (kind: HostileKind, server: PooledServer): Promise<RawClient> => {
    const client = await openHostile(kind, server);
    opened.onClose(() => client.close());
    return client;
  };

  const stop = async (server: PooledServer, timeout = shortGraceMs): Promise<DrainReport> => {
    const late = new AbortController();
    // A timer of the same event loop, so that a busy machine delays both.
    const tooLate = wait(timeout + 2_000, undefined, { signal: late.signal });
    const report = await Promise.race([server.stop({ timeout }), tooLate.catch(() => undefined)]);
    late.abort();
    if (report === undefined) throw new Error('the stop went on long after its grace');
    expect(server.stats()).toMatchObject({ state: 'stopped', connections: 0, inFlight: 0 });
    return report;
  };

  it.each<[HostileKind, Partial<DrainReport['cut']>]>([
    ['halfHeader', { http1: 1 }],
    ['halfBody', { http1: 1 }],
    ['noByte', { idle: 1 }],
    ['reader', { http1: 1 }],
    ['endless', { http1: 1 }],
    ['webSocket', { upgraded: 1 }],
    ['tunnel', { connect: 1 }],
    ['expects', { http1: 1 }],
  ])('cuts %s when the grace ends, and tells what it was', async (kind, cut) => {
    const server = await serve();
    const client = await open(kind, server);
    await allRead(server);
    expect(await stop(server)).toMatchObject({
      finished: 0,
      timedOut: true,
      cut: { ...nothing, ...cut },
    });
    client.socket.resume();
    await client.closed;
  });

  it('against all at once ends with the grace, and the slow reader gets every byte', async () => {
    const server = await serve();
    const kinds: HostileKind[] = [
      'halfHeader',
      'halfBody',
      'reader',
      'endless',
      'webSocket',
      'tunnel',
      'expects',
    ];
    for (const kind of kinds) await open(kind, server);
    if (options.tls) {
      const stalled = await stallHandshake(server);
      opened.onClose(() => stalled.close());
    }
    const slow = await open('reader', server);
    await allRead(server);
    await open('noByte', server);
    const pipelined = await open('pipelined', server);
    const slowly = readSlowly(slow);
    // Long enough for the slow reader, however busy the machine is; then as much as the others get.
    const stopping = server.stop({ timeout: 60_000 });
    expect(await slowly).toBe(largeBytes);
    const report = await stop(server);
    expect(await stopping).toBe(report);
    await pipelined.closed;
    expect(pipelined.received.match(/answered/g)).toHaveLength(3);
    const handshakes = options.tls ? 1 : 0;
    expect(report).toMatchObject({
      server: 'a',
      finished: 4,
      timedOut: true,
      cut: { http1: 5, http2: 0, upgraded: 1, connect: 1, tls: handshakes },
    });
    // The silent one is ended a second after it came, or cut: whichever is first.
    const { idle } = report.cut;
    expect(idle).toBeLessThanOrEqual(1);
    const [line] = journal.matching(/4 requests finished .*the grace ran out/);
    expect(line).toContain(
      `cut 5 http1, 1 upgraded, 1 connect${handshakes ? ', 1 tls' : ''}${idle ? ', 1 idle' : ''}`,
    );
  });

  it('without a grace ends at once', async () => {
    const server = await serve();
    await open('halfBody', server);
    await open('webSocket', server);
    await allRead(server);
    const report = await stop(server, 0);
    expect(report.cut).toEqual({ ...nothing, http1: 1, upgraded: 1 });
  });

  if (options.protocol !== 'http2') return;

  it('cuts HTTP/2 sessions that have no end', async () => {
    const server = await serve();
    const asks: [string, string | undefined][] = [
      ['/endless', undefined],
      ['/large', undefined],
      ['/', 'half'],
    ];
    for (const [path, half] of asks) {
      const { session } = await Http2Client.connect(server.url ?? '', { ca: ca.cert });
      opened.onClose(() => session.destroy());
      const stream = session.request({ ':path': path, ':method': half ? 'POST' : 'GET' });
      stream.on('error', () => undefined);
      if (half) stream.write(half);
    }
    await allRead(server);
    const report = await stop(server);
    expect(report).toMatchObject({ finished: 0, cut: { ...nothing, http2: 3 } });
  });
});
