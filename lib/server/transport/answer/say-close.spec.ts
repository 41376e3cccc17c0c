import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { get, RawClient } from '../../../../test/support/raw-client.js';
import { sayClose } from './say-close.js';

type Head = (response: ServerResponse) => unknown;

describe('sayClose', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  /** What a client reads when the answer is made so. */
  const answer = async (make: Head): Promise<string> => {
    const server = createServer((_request, response) => {
      make(response);
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = await RawClient.connect(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    );
    closers.push(
      () => server.close(),
      () => client.close(),
    );
    client.send(get('/'));
    return client.until('\r\n\r\n');
  };

  const last = (response: ServerResponse): void =>
    sayClose(
      response,
      () => true,
      () => undefined,
    );
  const connectionsIn = (bytes: string): string[] => bytes.match(/^connection: .*$/gim) ?? [];

  it.each<[string, Head]>([
    ['an implicit head', () => undefined],
    ['setHeader', (response) => response.setHeader('Connection', 'keep-alive')],
    ['writeHead alone', (response) => response.writeHead(200)],
    ['an object', (response) => response.writeHead(200, { connection: 'keep-alive', 'X-A': '1' })],
    [
      'an object after a message',
      (response) => response.writeHead(200, 'Fine', { CONNECTION: 'x' }),
    ],
    ['a flat list', (response) => response.writeHead(200, ['Connection', 'x', 'X-A', '1'])],
    [
      'a list of pairs',
      (response) =>
        response.writeHead(200, [
          ['X-A', '1'],
          ['Connection', 'x'],
        ] as never),
    ],
    ['an empty list', (response) => response.writeHead(200, [])],
  ])('says it once whatever the handler says by %s', async (_how, head) => {
    const bytes = await answer((response) => {
      last(response);
      head(response);
    });
    expect(bytes).toMatch(/^HTTP\/1\.1 200 /);
    expect(connectionsIn(bytes)).toEqual(['Connection: close']);
  });

  it('keeps the message and the other headers, repeated ones too', async () => {
    const bytes = await answer((response) => {
      last(response);
      response.setHeader('X-Set', 'before');
      response.writeHead(201, 'Made', { 'Set-Cookie': ['a=1', 'b=2'], 'X-A': '1' });
    });
    expect(bytes).toMatch(/^HTTP\/1\.1 201 Made\r\n/);
    for (const line of ['X-Set: before', 'Set-Cookie: a=1', 'Set-Cookie: b=2', 'X-A: 1']) {
      expect(bytes).toContain(`${line}\r\n`);
    }
  });

  it('keeps repeated names of a list', async () => {
    const bytes = await answer((response) => {
      last(response);
      response.writeHead(200, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']);
    });
    expect(bytes.match(/Set-Cookie: /g)).toHaveLength(2);
  });

  it('decides when the head is written, and says nothing for an answer that is not the last', async () => {
    let isLast = true;
    let said = 0;
    const bytes = await answer((response) => {
      sayClose(
        response,
        () => isLast,
        () => (said += 1),
      );
      isLast = false;
      response.writeHead(200, { 'X-A': '1' });
    });
    expect(connectionsIn(bytes)).toEqual(['Connection: keep-alive']);
    expect(said).toBe(0);
  });

  it('tells once that it was said', async () => {
    let said = 0;
    await answer((response) =>
      sayClose(
        response,
        () => true,
        () => (said += 1),
      ),
    );
    expect(said).toBe(1);
  });

  it('is too late for a head that was sent', async () => {
    const bytes = await answer((response) => {
      response.flushHeaders();
      last(response);
    });
    expect(connectionsIn(bytes)).toEqual(['Connection: keep-alive']);
  });

  it('leaves Node to refuse a second head', async () => {
    const errors: unknown[] = [];
    await answer((response) => {
      last(response);
      response.writeHead(200);
      response.flushHeaders();
      try {
        response.writeHead(200);
      } catch (error) {
        errors.push((error as NodeJS.ErrnoException).code);
      }
    });
    expect(errors).toEqual(['ERR_HTTP_HEADERS_SENT']);
  });
});
