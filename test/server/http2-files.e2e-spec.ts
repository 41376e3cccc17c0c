import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Stream,
} from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { PooledServer, ServerOptions } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

let folder = '';
/** One that no window holds, and one that each does. */
const files = { '/big': '', '/small': '' };
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'http2-files-'));
  for (const [path, bytes] of [
    ['/big', 8_000_000],
    ['/small', 1000],
  ] as const) {
    files[path] = join(folder, path);
    writeFileSync(files[path], Buffer.alloc(bytes, 'x'));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Node's own ways to answer a stream with a file. */
const ways: Record<string, (stream: ServerHttp2Stream, file: string) => void> = {
  respondWithFile: (stream, file) => stream.respondWithFile(file),
  respondWithFD: (stream, file) => {
    const descriptor = openSync(file, 'r');
    stream.once('close', () => closeSync(descriptor));
    stream.respondWithFD(descriptor);
  },
};

describe.each([
  ['h2c', {}],
  ['h2', { tls }],
] as const)('over %s', (_protocol, secure) => {
  describe.each(Object.entries(ways))('a file that is sent by %s', (_way, respond) => {
    const serve = async (
      options: Partial<ServerOptions>,
    ): Promise<[PooledServer, ClientHttp2Session]> => {
      const request = (asked: Http2ServerRequest, response: Http2ServerResponse): void => {
        asked.resume();
        if (asked.url === '/big' || asked.url === '/small')
          respond(response.stream, files[asked.url]);
        else response.end('fine');
      };
      const server = opened.server(
        { name: 'a', listen: LOOPBACK, protocol: 'http2', ...secure, ...options },
        { handlers: () => ({ default: { request: request as never } }) },
      );
      await server.start();
      const session = connect(server.url ?? '', { rejectUnauthorized: false });
      session.on('error', () => undefined);
      opened.onClose(() => session.destroy());
      return [server, session];
    };

    const ask = async (
      session: ClientHttp2Session,
      path: string,
      method = 'GET',
    ): Promise<[ClientHttp2Stream, unknown]> => {
      const stream = session.request(
        { ':path': path, ':method': method },
        { endStream: method === 'GET' },
      );
      stream.on('error', () => undefined);
      const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
      return [stream, headers[':status']];
    };

    const closed = async (stream: ClientHttp2Stream): Promise<void> => {
      const isClosed = new Promise((resolve) => stream.once('close', resolve));
      if (!stream.closed) await isClosed;
    };

    it.each(['GET', 'POST'])('holds a slot until its client has it: %s', async (method) => {
      const [, session] = await serve({ maxHandlers: 1 });
      const [file] = await ask(session, '/big', method);
      for (let times = 0; times < 3; times += 1) expect((await ask(session, '/'))[1]).toBe(503);
      let read = 0;
      for await (const chunk of file) read += (chunk as Buffer).length;
      expect(read).toBe(8_000_000);
      while ((await ask(session, '/'))[1] === 503);
      expect((await ask(session, '/'))[1]).toBe(200);
    });

    it('holds none any more though its client does not end its side', async () => {
      const [, session] = await serve({ maxHandlers: 1 });
      const [file] = await ask(session, '/small', 'POST');
      while ((await ask(session, '/'))[1] === 503);
      expect((await ask(session, '/'))[1]).toBe(200);
      expect(file.writable).toBe(true);
    });

    it('is cut by writeTimeout, and one that is sent is not', async () => {
      const [, session] = await serve({ writeTimeout: '200ms' });
      const [sent] = await ask(session, '/small', 'POST');
      const [file] = await ask(session, '/big');
      await closed(file);
      expect(file.rstCode).not.toBe(0);
      // It is older.
      expect([sent.closed, sent.rstCode]).toEqual([false, 0]);
    });

    it('is finished when its client has it, and not when it was cut', async () => {
      const [server, session] = await serve({});
      const [read] = await ask(session, '/big');
      const [unread] = await ask(session, '/big');
      const stopped = server.stop({ timeout: '500ms' });
      read.resume();
      await closed(read);
      expect(await stopped).toMatchObject({ finished: 1, cut: { http2: 1 }, timedOut: true });
      await closed(unread);
    });
  });
});
