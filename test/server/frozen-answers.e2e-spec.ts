import { createRequire } from 'node:module';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import express5 from 'express';
import type { HandlerEntry, PooledServer, ServerOptions } from '../../lib/index.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';
import { protocols } from '../support/protocols.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const express4 = createRequire(import.meta.url)('express4') as typeof express5;

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** The process and the server outlive what a handler does with an answer that it has frozen. */
const faults: Record<string, Listener> = {
  throws: (_request, response) => {
    Object.freeze(response);
    throw new Error('out of order');
  },
  // Its connection is looked at meanwhile, whether it is at rest.
  'rejects after a while': async (_request, response) => {
    Object.freeze(response);
    await wait(50);
    throw new Error('out of order');
  },
};

const applications: [name: string, made: (listener: Listener) => HandlerEntry][] = [
  ['a plain listener', (listener) => listener as HandlerEntry],
  ...([express5, express4] as const).map(
    (express, index): [string, (listener: Listener) => HandlerEntry] => [
      `Express ${5 - index}`,
      (listener) => {
        const application = express().set('env', 'test');
        application.use((request, response, next) => {
          // Express 4 knows of no promises.
          const failed = (error: unknown): void => next(error);
          void new Promise((done) => done(listener(request, response))).then(undefined, failed);
        });
        return application;
      },
    ],
  ),
];

const configs: [name: string, options: Partial<ServerOptions>][] = [
  ['as it is', {}],
  ['that ends its connections with each answer', { keepAliveMaxRequests: 1 }],
  ['without keep-alive', { disableKeepAlive: true }],
];

describe.each(protocols)('a frozen answer over $name', (protocol) => {
  const serve = async (options: object, handler: HandlerEntry): Promise<PooledServer> => {
    const config = { name: 'a', listen: LOOPBACK, ...protocol.options, ...options };
    const server = opened.server(config, { handlers: () => ({ default: handler }) });
    await server.start();
    return server;
  };

  describe.each(applications)('of %s', (_application, made) => {
    describe.each(Object.entries(faults))('whose handler %s', (_fault, listener) => {
      const answering = (request: IncomingMessage, response: ServerResponse): unknown =>
        request.url === '/' ? listener(request, response) : response.end('fine');

      it.each(configs)('harms no other on a server %s', async (_config, options) => {
        const server = await serve({ ...options, maxHandlers: 1 }, made(answering));
        const ended: unknown[] = [];
        server.observe({ requestEnded: ({ url }) => ended.push(url) });
        const first = await protocol.connect(server.url ?? '');
        opened.onClose(() => first.close());
        await first.ask('/').catch(() => undefined);
        const second = await protocol.connect(server.url ?? '');
        opened.onClose(() => second.close());
        while ((await second.ask('/next').catch(() => ({ status: 503 }))).status === 503);
        await first.close();
        await second.close();
        while (server.stats().connections > 0) await new Promise(setImmediate);
        expect(ended).toContain('/');
        expect(server.stats().inFlight).toBe(0);
      });

      it('does not hold up a stop', async () => {
        const server = await serve({ shutdown: { timeout: '20s' } }, made(answering));
        const client = await protocol.connect(server.url ?? '');
        opened.onClose(() => client.close());
        const answer = client.ask('/').catch(() => undefined);
        while (server.stats().inFlight === 0 && server.stats().requests === 0) {
          await new Promise(setImmediate);
        }
        expect(await server.stop()).toMatchObject({ timedOut: false });
        await answer;
      });
    });
  });
});
