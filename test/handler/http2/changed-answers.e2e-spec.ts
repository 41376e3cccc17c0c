import type { Request, Response } from 'express';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { PooledServer } from '../../../lib/index.js';
import { tls } from '../../support/certificates.js';
import { Journal, LOOPBACK } from '../../support/handlers.js';
import { Http2Client } from '../../support/http2-client.js';
import { Opened } from '../../support/opened.js';
import { expresses } from './support/express-app.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const secured = [
  ['h2c', {}],
  ['h2', { tls }],
] as const;

type Handle = (request: Request, response: Response) => unknown;

/** What a handler may take off a response of HTTP/1, which is answered without it. */
const taken: Record<string, Handle> = {
  'detaches its socket': (_request, response) => response.detachSocket(response.socket as never),
  'sets its socket to null': (_request, response) => Object.assign(response, { socket: null }),
  'sets its request to null': (_request, response) => Object.assign(response, { req: null }),
  'takes its request away': (_request, response) => Object.assign(response, { req: undefined }),
  'sets the socket of its request to null': (request) => Object.assign(request, { socket: null }),
};

describe.each(secured)('over %s', (_protocol, secure) => {
  describe.each(expresses)('a handler of %s', (_version, express) => {
    const serve = async (handle: Handle): Promise<[PooledServer, Http2Client]> => {
      const app = express();
      app.set('env', 'test');
      app.use('/next', (_request, response) => void response.send('next'));
      app.use((request, response) => void handle(request, response));
      const server = opened.server(
        { name: 'a', listen: LOOPBACK, protocol: 'http2', maxHandlers: 1, ...secure },
        { handlers: () => ({ default: app }), logger: new Journal() },
      );
      await server.start();
      const client = await Http2Client.connect(server.url ?? '');
      opened.onClose(() => client.close());
      return [server, client];
    };

    const idle = async (server: PooledServer): Promise<void> => {
      while (server.stats().inFlight > 0) await new Promise(setImmediate);
    };

    describe.each(Object.entries(taken))('that %s', (_what, take) => {
      it('is answered, and its slot is free', async () => {
        const [server, client] = await serve((request, response) => {
          take(request, response);
          response.end('whole');
        });
        expect(await client.ask('/')).toMatchObject({ status: 200, body: 'whole' });
        await idle(server);
        expect((await client.ask('/next')).body).toBe('next');
      });

      it('and fails is answered, and its slot is free', async () => {
        const [server, client] = await serve((request, response) => {
          take(request, response);
          throw new Error('out of order');
        });
        expect((await client.ask('/')).status).toBe(500);
        await idle(server);
        expect((await client.ask('/next')).body).toBe('next');
      });

      it('costs nothing when its client leaves before it has answered', async () => {
        const [server, client] = await serve((request, response) => {
          take(request, response);
          stream.close();
        });
        const stream = client.session.request({ ':path': '/' });
        await new Promise((resolve) => stream.once('close', resolve));
        await idle(server);
        expect((await client.ask('/next')).body).toBe('next');
      });
    });

    it.each<[string, Handle]>([
      ['nothing of its answer is sent', (request) => request.socket.end()],
      [
        'it is half sent',
        (request, response) => response.write('half', () => request.socket.end()),
      ],
      ['it ends it soon', (request) => request.socket.destroySoon()],
    ])('that ends its socket when %s shows so to its client', async (_when, handle) => {
      const [server, client] = await serve(handle);
      await expect(client.ask('/')).rejects.toThrow(/stream/i);
      await idle(server);
      expect((await client.ask('/next')).body).toBe('next');
    });

    it('that ends its socket behind its answer leaves that whole', async () => {
      const [, client] = await serve((request, response) => {
        response.end('whole');
        request.socket.end();
      });
      expect(await client.ask('/')).toMatchObject({ status: 200, body: 'whole' });
    });

    it('that ends its socket with bytes is told that there is none to write to', async () => {
      const [, client] = await serve((request) => request.socket.end('HTTP/1.1 400 \r\n\r\n'));
      expect((await client.ask('/')).status).toBe(500);
    });

    it('that sends trailers and hints that HTTP/2 forbids is answered without them', async () => {
      const [, client] = await serve((_request, response) => {
        response.writeEarlyHints({
          link: '</a>; rel=preload',
          connection: 'close',
          Upgrade: 'h2c',
        });
        response.write('whole');
        response.addTrailers([
          ['connection', 'close'],
          ['Keep-Alive', 'timeout=5'],
          ['te', 'gzip'],
          ['age', '1'],
          ['Age', '2'],
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
          ['constructor', 'name'],
        ] as never);
        response.writeEarlyHints({ link: '</late>; rel=preload' });
        response.end();
      });
      const stream = client.session.request({ ':path': '/' });
      const told: Record<string, unknown>[] = [];
      stream.on('headers', (headers) => told.push(headers as never));
      stream.on('trailers', (headers) => told.push(headers as never));
      stream.resume();
      await new Promise((resolve) => stream.once('close', resolve));
      expect(stream.rstCode).toBe(0);
      expect(told.map((headers) => Object.entries(headers))).toEqual([
        [
          [':status', 103],
          ['link', '</a>; rel=preload'],
        ],
        [
          ['age', '1, 2'],
          ['set-cookie', ['a=1', 'b=2']],
          ['constructor', 'name'],
        ],
      ]);
    });
  });
});
