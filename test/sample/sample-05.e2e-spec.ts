import { once } from 'node:events';
import { WebSocket } from 'ws';
import { describe, expect, it } from '@jest/globals';
import { ask } from '../support/http-client.js';
import { Sample } from './support/sample.js';

describe('sample 05, WebSockets', () => {
  const sample = new Sample('05-websockets', {
    PUBLIC_LISTEN: '127.0.0.1:0',
    INTERNAL_LISTEN: '127.0.0.1:0',
  });

  const running = async () => {
    const { child, urls } = await sample.serve();
    return { child, urls: [urls.public!, urls.internal!] };
  };

  const connect = async (url: string) => {
    const client = new WebSocket(`${url.replace('http', 'ws')}/chat`);
    sample.opened.onClose(() => client.terminate());
    await once(client, 'open');
    return client;
  };

  const say = (client: WebSocket, text: unknown) =>
    client.send(JSON.stringify({ event: 'say', data: { text } }));

  const next = async (client: WebSocket) => JSON.parse(String((await once(client, 'message'))[0]));

  it('serves a page to try it with on both servers', async () => {
    const { urls } = await running();
    for (const url of urls) {
      const { headers, body } = await ask(url);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(body).toContain('/chat');
    }
  });

  it('tells the clients of both servers what one says, and where', async () => {
    const { urls } = await running();
    const clients = await Promise.all(urls.map(connect));
    const heard = Promise.all(clients.map(next));
    say(clients[1]!, 'hello');
    const said = { event: 'said', data: { text: 'hello', server: 'internal' } };
    expect(await heard).toEqual([said, said]);
  });

  it('validates what it is sent', async () => {
    const { urls } = await running();
    const client = await connect(urls[0]!);
    const heard = next(client);
    say(client, '');
    expect(await heard).toMatchObject({
      event: 'exception',
      data: { message: 'text should not be empty' },
    });
  });

  it('closes the clients of both servers with 1001, then exits with 0, on Ctrl-C', async () => {
    const { child, urls } = await running();
    const clients = await Promise.all(urls.map(connect));
    const closed = Promise.all(clients.map(async (client) => (await once(client, 'close'))[0]));
    child.interrupt();
    expect(await closed).toEqual([1001, 1001]);
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });

  sample.itEndsOnTakenPort('public', 'PUBLIC_LISTEN');
});
