import { afterEach, describe, expect, it } from '@jest/globals';
import type { ServerOptions } from '../../../lib/index.js';
import { localhost, renewed, tls } from '../../support/certificates.js';
import { record } from '../../support/events.js';
import { held, says } from '../../support/handlers.js';
import { ask, keepAlive, text } from '../../support/http-client.js';
import { get, RawClient } from '../../support/raw-client.js';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RunningPools, change, on } from '../support/running-pools.js';

describe('apply with changes that are live', () => {
  const slow = held('slow');
  const opened = new RunningPools({
    default: says('first'),
    second: says('second'),
    slow: slow.handler,
  });
  afterEach(() => opened.closeAll());

  it.each<[string, Partial<ServerOptions>]>([
    ['timeouts', { idleTimeout: '9s', readTimeout: '10s', writeTimeout: '9s' }],
    ['handlerKey', { handlerKey: 'second' }],
    ['limits', { maxConnections: 50, maxHandlers: 20, maxHeaderBytes: 9000 }],
    ['expose', { expose: 'https://public.test' }],
    ['shutdown', { shutdown: { timeout: '1s' } }],
    ['disableKeepAlive', { disableKeepAlive: true }],
    ['monitor', { monitor: { name: 'm' } }],
    ['logFilter', { logFilter: ['noise'] }],
    ['tlsMandatory without TLS on a server that is off', { disabled: true, tlsMandatory: true }],
  ])('changes %s live, and says so once', async (_, options) => {
    const pool = await opened.started(on('a'));
    const server = pool.get('a');
    const listener = server?.listener;
    const events = record(pool);
    expect(await change(pool, options)).toEqual(['live']);
    expect(pool.get('a')).toBe(server);
    expect(server?.config).toMatchObject(options);
    expect(events.filter(({ type }) => type === 'config')).toHaveLength(1);
    expect(events[0]).toMatchObject({ type: 'config', server: 'a', kind: 'live' });
    if (!options.disabled) expect(server?.listener === listener).toBe(true);
  });

  it('answers the next request of an open connection by the new handler', async () => {
    const pool = await opened.started(on('a'));
    const client = await RawClient.connect(pool.get('a')?.url ?? '');
    opened.onClose(() => client.close());
    client.send(get('/'));
    await client.until('first');
    await change(pool, { handlerKey: 'second' });
    client.send(get('/'));
    expect(await client.until('second')).not.toContain('Connection: close');
  });

  it('lets the request under way end with the handler it began with', async () => {
    const pool = await opened.started(on('a', { handlerKey: 'slow' }));
    const answer = text(pool.get('a')?.url);
    await slow.entered.opened;
    await change(pool, { handlerKey: 'second' });
    expect(await text(pool.get('a')?.url)).toBe('second');
    slow.release.open();
    expect(await answer).toBe('slow');
  });

  it('puts a new limit of connections in force, and takes it away', async () => {
    const pool = await opened.started(on('a'));
    const url = pool.get('a')?.url ?? '';
    const first = await RawClient.connect(url);
    opened.onClose(() => first.close());
    first.send(get('/'));
    await first.until('first');
    await change(pool, { maxConnections: 1 });
    const second = await RawClient.connect(url);
    await second.closed;
    await change(pool, {});
    expect(await text(url)).toBe('first');
  });

  it('ends idle connections by the new timeout', async () => {
    const pool = await opened.started(on('a', { idleTimeout: '1h' }));
    await change(pool, { idleTimeout: '20ms' });
    const client = await RawClient.connect(pool.get('a')?.url ?? '');
    client.send(get('/'));
    expect(await client.closed).toBeUndefined();
    expect(client.received).toContain('first');
  });

  it('renames a server that keeps its address', async () => {
    const pool = await opened.started(on('a'));
    const server = pool.get('a');
    const plan = await pool.apply([{ name: 'b', listen: '127.0.0.1:0' }]);
    // A port-0 server has no address of its own to be known by.
    expect(plan).toMatchObject({ add: ['b'], remove: ['a'] });
    const { host: listen } = new URL(pool.get('b')?.url ?? '');
    await pool.apply([{ name: 'b', listen }]);
    const b = pool.get('b');
    const renamed = await pool.apply([{ name: 'c', listen }]);
    expect(renamed.steps).toEqual([{ server: 'c', bind: listen, action: 'live' }]);
    expect([pool.get('b'), pool.get('c')]).toEqual([undefined, b]);
    expect(await text(b?.url)).toBe('first');
    expect(server?.state).toBe('stopped');
  });

  it('shows a new certificate to new connections, and old ones go on', async () => {
    const pool = await opened.started(on('a', { tls }));
    const url = (pool.get('a')?.url ?? '').replace('127.0.0.1', 'localhost');
    const agent = keepAlive(true);
    opened.onClose(() => agent.destroy());
    await ask(url, { agent });
    const before = pool.get('a')?.stats().connections;
    expect(await change(pool, { tls: { certs: [renewed] } })).toEqual(['live']);
    const kept = await ask(url, { agent });
    expect(kept.headers.connection).toBe('keep-alive');
    expect(pool.get('a')?.stats().connections).toBe(before);
    const socket = { servername: 'renewed.test' };
    expect((await ask(url, socket)).body).toBe('first');
  });

  it('sees that the files of a certificate have changed under the same names', async () => {
    const folder = await opened.folder();
    const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
    await writeFile(files.cert, localhost.cert);
    await writeFile(files.key, localhost.key);
    const options = { tls: { certs: [files] } };
    const pool = await opened.started(on('a', options));
    expect(await change(pool, options)).toEqual(['keep']);
    await writeFile(files.cert, renewed.cert);
    await writeFile(files.key, renewed.key);
    expect(await change(pool, options)).toEqual(['live']);
    const url = (pool.get('a')?.url ?? '').replace('127.0.0.1', 'localhost');
    expect((await ask(url, { servername: 'renewed.test' })).body).toBe('first');
    expect(await change(pool, options)).toEqual(['keep']);
  });
});
