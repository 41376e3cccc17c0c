import { afterEach, describe, expect, it } from '@jest/globals';
import type { ServerOptions } from '../../../lib/index.js';
import { tls } from '../../support/certificates.js';
import { record } from '../../support/events.js';
import { held, says } from '../../support/handlers.js';
import { ask, keepAlive, text } from '../../support/http-client.js';
import { Http2Client } from '../../support/http2-client.js';
import { RunningPools } from '../support/running-pools.js';

describe('apply with changes that take a new transport', () => {
  const slow = held('slow');
  const opened = new RunningPools({ default: says('ok'), slow: slow.handler });
  afterEach(() => opened.closeAll());

  const at = { name: 'a', listen: '127.0.0.1:0' };
  const h2c = { ...at, protocol: 'http2' } as const;

  it.each<[string, ServerOptions, ServerOptions]>([
    ['TLS on', at, { ...at, tls }],
    ['TLS off', { ...at, tls }, at],
    ['HTTP/2 on', at, h2c],
    ['HTTP/2 off', h2c, at],
    ['HTTP/2 on, with TLS', { ...at, tls }, { ...h2c, tls }],
    ['the streams of HTTP/2', h2c, { ...h2c, maxConcurrentStreams: 7 }],
    ['the header limit of HTTP/2', h2c, { ...h2c, maxHeaderBytes: 9000 }],
    ['the handshake timeout', { ...at, tls }, { ...at, tls, handshakeTimeout: '9s' }],
  ])('swaps the transport behind the same socket: %s', async (_, from, to) => {
    const pool = await opened.started(from);
    const server = pool.get('a');
    const { listener, address } = server ?? {};
    const events = record(pool);
    expect((await pool.apply([to])).swap).toEqual(['a']);
    expect(server?.listener === listener).toBe(true);
    expect(server?.address).toEqual(address);
    expect(events).toMatchObject([{ type: 'config', kind: 'swap', state: 'running' }]);
    if (to.protocol === 'http2') {
      const client = await Http2Client.connect(server?.url ?? '');
      opened.onClose(() => client.close());
      expect((await client.ask('/')).body).toBe('ok');
    } else {
      expect(await text(server?.url)).toBe('ok');
    }
    expect((await pool.apply([from])).swap).toEqual(['a']);
  });

  it('is a live change where the protocol has no such setting', async () => {
    const pool = await opened.started(at);
    expect((await pool.apply([{ ...at, handshakeTimeout: '9s' }])).live).toEqual(['a']);
    expect((await pool.apply([{ ...at, maxHeaderBytes: 9000 }])).live).toEqual(['a']);
  });

  it('lets the requests and connections of the old transport end', async () => {
    const pool = await opened.started({ ...at, handlerKey: 'slow' });
    const plain = pool.get('a')?.url ?? '';
    const agent = keepAlive();
    opened.onClose(() => agent.destroy());
    const answer = ask(plain, { agent });
    await slow.entered.opened;
    await pool.apply([{ ...at, tls }]);
    expect(await text(pool.get('a')?.url)).toBe('ok');
    slow.release.open();
    expect((await answer).body).toBe('slow');
  });

  it('tells a kept connection with its next answer to close', async () => {
    const pool = await opened.started(at);
    const url = pool.get('a')?.url ?? '';
    const agent = keepAlive();
    opened.onClose(() => agent.destroy());
    expect((await ask(url, { agent })).headers.connection).toBe('keep-alive');
    await pool.apply([{ ...at, tls }]);
    expect((await ask(url, { agent })).headers.connection).toBe('close');
  });

  it('refuses no connection while the settings of HTTP/2 change under it', async () => {
    // Over TLS, where the clients fall back to HTTP/1.1.
    const pool = await opened.started({ ...h2c, tls });
    const clients = opened.steady(pool.get('a')!.url!.replace('127.0.0.1', 'localhost'));
    for (let streams = 1; streams <= 10; streams += 1) {
      await clients.more();
      const plan = await pool.apply([{ ...h2c, tls, maxConcurrentStreams: streams }]);
      expect(plan.swap).toEqual(['a']);
    }
    await clients.end();
    expect(clients.failures).toEqual([]);
  });
});
