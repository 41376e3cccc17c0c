import { afterEach, describe, expect, it } from '@jest/globals';
import type { PooledServer } from '../../../lib/index.js';
import { held, says } from '../../support/handlers.js';
import { text } from '../../support/http-client.js';
import { Opened } from '../../support/opened.js';
import { protocols, type Client } from '../../support/protocols.js';
import { refusal } from '../../support/raw-client.js';

const hour = '1h';

describe.each(protocols)('stop over $name', ({ options, connect }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  /** A server with a request in its handler, and the answer to come. */
  const busy = async (
    shutdown = {},
  ): Promise<{ server: PooledServer; release: () => void; answer: Promise<string> }> => {
    const { handler, entered, release } = held('whole');
    const config = { name: 'a', listen: '127.0.0.1:0', shutdown, ...options };
    const server = opened.server(config, { handlers: () => ({ default: handler }) });
    await server.start();
    const client: Client = await connect(server.url ?? '');
    opened.onClose(() => client.close());
    const answer = client.ask('/').then(
      ({ body }) => body,
      () => 'cut',
    );
    await entered.opened;
    return { server, release: release.open, answer };
  };

  it('takes no new connection, and answers the request in flight', async () => {
    const { server, release, answer } = await busy({ timeout: hour });
    const { url = '' } = server;
    const stopped = server.stop();
    while (server.address) await new Promise(setImmediate);
    expect(await refusal(url)).toBe('ECONNREFUSED');
    release();
    expect(await answer).toBe('whole');
    expect(await stopped).toMatchObject({ finished: 1, timedOut: false });
  });

  it('answers who asks again at once, though the listener is closed', async () => {
    const config = { name: 'a', listen: '127.0.0.1:0', ...options };
    const server = opened.server(config, { handlers: () => ({ default: says('hello') }) });
    await server.start();
    const client = await connect(server.url ?? '');
    opened.onClose(() => client.close());
    expect((await client.ask('/')).body).toBe('hello');
    const stopped = server.stop();
    while (server.address) await new Promise(setImmediate);
    expect((await client.ask('/')).body).toBe('hello');
    expect(await stopped).toMatchObject({ finished: 1, timedOut: false });
  });

  it('is joined by a second stop', async () => {
    const { server, release } = await busy({ timeout: hour });
    const [first, second] = [server.stop(), server.stop()];
    release();
    expect(await second).toBe(await first);
  });

  it('is hurried by a second one that grants less', async () => {
    const { server, answer } = await busy({ timeout: hour });
    const first = server.stop();
    expect(await server.stop({ timeout: 20 })).toMatchObject({ finished: 0, timedOut: true });
    expect((await first).timedOut).toBe(true);
    expect(await answer).toBe('cut');
  });

  it('is not lengthened by a second one that grants more', async () => {
    const { server, answer } = await busy();
    const first = server.stop({ timeout: 20 });
    expect((await server.stop({ timeout: hour })).timedOut).toBe(true);
    expect((await first).timedOut).toBe(true);
    expect(await answer).toBe('cut');
  });

  it('with a timeout ends the delay, and grants the rest', async () => {
    const { server, release, answer } = await busy({ delay: hour, timeout: hour });
    const first = server.stop();
    const second = server.stop({ timeout: '20s' });
    release();
    expect([await answer, (await second).timedOut]).toEqual(['whole', false]);
    expect(await first).toBe(await second);
  });

  it('goes on with its delay when a second one grants no less', async () => {
    const { server, release } = await busy({ delay: hour, timeout: hour });
    const { url = '' } = server;
    const stops = [server.stop(), server.stop()];
    for (let turns = 0; turns < 10; turns += 1) await new Promise(setImmediate);
    expect(await refusal(url)).toBeUndefined();
    release();
    void server.stop({ timeout: hour });
    expect((await Promise.all(stops)).map(({ timedOut }) => timedOut)).toEqual([false, false]);
  });

  it('with no time cuts at once', async () => {
    const { server, answer } = await busy({ timeout: hour });
    const report = await server.stop({ timeout: 0 });
    expect(report).toMatchObject({ finished: 0, timedOut: true });
    expect(Object.values(report.cut).reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(await answer).toBe('cut');
  });

  it('leaves a server that can start and serve again', async () => {
    const { server, release, answer } = await busy({ timeout: hour });
    const stopped = server.stop();
    release();
    await answer;
    await stopped;
    await server.start();
    const client = await connect(server.url ?? '');
    opened.onClose(() => client.close());
    expect((await client.ask('/')).body).toBe('whole');
    expect(await server.stop()).toMatchObject({ timedOut: false });
  });
});

describe('stop, with a request that never ends', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('grants what the config says', async () => {
    const { handler, entered } = held('never');
    const config = { name: 'a', listen: '127.0.0.1:0', shutdown: { timeout: 50 } };
    const server = opened.server(config, { handlers: () => ({ default: handler }) });
    await server.start();
    const answer = text(server.url).catch((error: NodeJS.ErrnoException) => error.code);
    await entered.opened;
    const { timedOut, cut, durationMs } = await server.stop();
    expect({ timedOut, http1: cut.http1 }).toEqual({ timedOut: true, http1: 1 });
    expect(durationMs).toBeGreaterThanOrEqual(45);
    expect(await answer).toBe('ECONNRESET');
  });
});
