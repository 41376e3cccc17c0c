import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import express5, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { HandlerEntry } from '../../lib/index.js';
import { Journal, LOOPBACK } from '../support/handlers.js';
import type { Answer, Asked } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { protocols } from '../support/protocols.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const express4 = createRequire(import.meta.url)('express4') as typeof express5;
const versions = [
  ['5', express5],
  ['4', express4],
] as const;

type End = (request: Request, response: Response, next: NextFunction) => unknown;

function raise(error: unknown): never {
  throw error;
}

const withFields = (fields: object): Error => Object.assign(new Error('failed'), fields);

/** What `finalhandler`, or the log of Express, throws at where nobody catches it. */
const failing: [name: string, end: End][] = [
  [
    'headers that hold a line of a client',
    ({ query }, _response, next) =>
      next(withFields({ status: 400, headers: { 'x-name': query.name } })),
  ],
  [
    'a setHeader that throws',
    (_request, response, next) => {
      response.setHeader = () => raise(new Error('no more headers'));
      next(new Error('failed'));
    },
  ],
  ['an error that has no text', () => raise(Object.create(null))],
  [
    'an error whose stack throws',
    () =>
      raise(
        Object.defineProperty(new Error('failed'), 'stack', { get: () => raise(new Error('no')) }),
      ),
  ],
  [
    'a rejection with an error whose status throws',
    (_request, _response, next) =>
      next(Object.defineProperty({}, 'status', { get: () => raise(new Error('no')) })),
  ],
];

/** The same of HTTP/1, where there is none without chunks. */
const failingAtTrailers: typeof failing = [
  [
    'a Trailer and a throw',
    (_request, response) => {
      response.setHeader('Trailer', 'X-Sum');
      raise(new Error('failed'));
    },
  ],
  ['a Trailer and JSON', (_request, response) => response.setHeader('Trailer', 'X-Sum').json({})],
];

/** Paths that Express answers in its own way, which is not to change. */
const usual: [name: string, end: End, asked?: Asked][] = [
  ['nothing', (_request, _response, next) => next()],
  ['an error', () => raise(new Error('failed'))],
  [
    'an error with a status and headers',
    () => raise(withFields({ status: 409, headers: { 'x-a': 'b' } })),
  ],
  ['an error in HEAD', () => raise(new Error('failed')), { method: 'HEAD' }],
  [
    'an error behind a body',
    () => raise(new Error('failed')),
    { method: 'POST', body: 'x'.repeat(300_000) },
  ],
  ['no error at all', () => raise(undefined)],
  ['a text', () => raise('failed')],
  [
    'a next() behind a head, while the body is read',
    (request, response, next) => {
      response.writeHead(200).flushHeaders();
      next();
      request.pipe(response);
    },
    { method: 'POST', body: 'echo' },
  ],
];

function appOf(express: typeof express5, ends: readonly [string, End, unknown?][]): Express {
  const app = express();
  // That of tests logs nothing.
  app.set('env', 'development');
  for (const [at, [, end]] of ends.entries()) app.all(`/${at}`, end as never);
  app.get('/fine', (_request, response) => void response.send('fine'));
  return app;
}

/** Express logs by the console. */
function silenced(): void {
  const spy = jest
    .spyOn(console, 'error')
    .mockImplementation((...args: unknown[]) => void String(args[0]));
  opened.onClose(() => spy.mockRestore());
}

const forms: [name: string, form: (app: Express) => HandlerEntry][] = [
  ['itself', (app) => app as never],
  ['the request of a handler', (app) => ({ request: app as never })],
];

describe.each(versions)('what Express %s ends at', (_version, express) => {
  describe.each(protocols)('over $name', ({ options, version, connect }) => {
    const serve = async (entry: HandlerEntry, logger?: Journal) => {
      const config = { name: 'a', listen: LOOPBACK, ...options };
      const server = opened.server(config, { handlers: () => ({ default: entry }), logger });
      await server.start();
      const client = await connect(server.url ?? '');
      opened.onClose(() => client.close());
      return client;
    };

    it.each(forms)(
      'costs no process and no other request, of an application as %s',
      async (_form, form) => {
        silenced();
        const ends = version === '1.1' ? [...failing, ...failingAtTrailers] : failing;
        const client = await serve(form(appOf(express, ends)), new Journal());
        for (const [at, [name]] of ends.entries()) {
          const { status, headers } = await client.ask(`/${at}?name=a%0D%0Ab`);
          expect([name, status]).toEqual([name, 500]);
          expect(headers.trailer).toBeUndefined();
          expect((await client.ask('/fine')).body).toBe('fine');
        }
      },
    );

    it('is answered as by Express alone', async () => {
      silenced();
      const app = appOf(express, usual);
      const bare = createServer(app).listen(0, '127.0.0.1');
      opened.onClose(() => bare.close());
      await once(bare, 'listening');
      const alone = await protocols[0]!.connect(
        `http://127.0.0.1:${(bare.address() as AddressInfo).port}`,
      );
      opened.onClose(() => alone.close());
      const client = await serve(app as never);
      for (const [at, [name, , asked]] of usual.entries()) {
        const expected = await alone.ask(`/${at}`, asked);
        const answer = await client.ask(`/${at}`, asked);
        expect([name, told(answer)]).toEqual([name, told(expected)]);
      }
    });
  });
});

/** Less what is of HTTP/1 alone, and of the moment; a stack has the lines of where it was called. */
function told({ status, headers, body }: Answer): unknown {
  const names = [
    'content-type',
    'content-security-policy',
    'x-content-type-options',
    'x-a',
    'x-powered-by',
  ];
  return [status, names.map((name) => headers[name]), body.replace(/<br>.*/s, '')];
}
