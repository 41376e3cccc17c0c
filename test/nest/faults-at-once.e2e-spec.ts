import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it } from '@jest/globals';
import { HttpPoolModule, PoolError, type HttpPoolModuleOptions } from '../../lib/index.js';
import { failure } from '../support/events.js';

const listen = '127.0.0.1:0';
const servers = [
  { name: 'a', listen: 'nowhere' },
  { name: 'b', listen, readTimeout: 'soon' },
];

const refusalOf = (options: object): Promise<PoolError> => {
  class App {}
  Module({ imports: [HttpPoolModule.forRoot(options as HttpPoolModuleOptions)] })(App);
  return failure<PoolError>(NestFactory.create(App, { logger: false, abortOnError: false }));
};

describe('what is wrong with the servers is told at once with', () => {
  it.each<[what: string, shared: object, told: string]>([
    ['an unknown option', { bogus: 1 }, "unknown key 'bogus'"],
    ['an option of a wrong type', { autoStart: 'yes' }, 'autoStart: got'],
    ['handlers that are no function', { handlers: 5 }, 'handlers: got the number 5'],
    ['handlers that return no listener', { handlers: () => ({ k: 5 }) }, "handlers['k']"],
    ['handlers that are async', { handlers: async () => ({}) }, 'type Promise'],
    ['metrics', { metrics: { durationBuckets: [2, 1] } }, 'metrics.durationBuckets'],
    ['management', { management: 5 }, 'management: got the number 5'],
    ['the options of management', { management: { listen, bogus: 1 } }, 'management.bogus'],
    ['the default TLS', { tls: { certs: 5 } }, 'default tls.certs'],
  ])('%s', async (_what, shared, told) => {
    const error = await refusalOf({ servers, ...shared });
    expect(error).toBeInstanceOf(PoolError);
    expect(error.code).toBe('ERR_POOL_VALIDATE');
    for (const text of [told, 'servers[0].listen', 'servers[1].readTimeout']) {
      expect(error.message).toContain(text);
    }
    expect(error.errors.map(({ server }) => server)).toEqual(expect.arrayContaining(['a', 'b']));
  });

  it('all of these, each once', async () => {
    const { message } = await refusalOf({
      servers: [...servers, { name: 'c', listen, handlerKey: 'none' }],
      bogus: 1,
      handlers: () => ({ k: () => undefined }),
      management: { listen, bogus: 1 },
      tls: { certs: 5 },
    });
    const told = [
      "unknown key 'bogus', the keys",
      'default tls.certs',
      'servers[0].listen',
      'servers[1].readTimeout',
      'servers[2].handlerKey',
      'management.bogus',
    ];
    expect(told.map((text) => message.split(text).length - 1)).toEqual(told.map(() => 1));
  });
});

it('nothing is said of servers that are right', async () => {
  const error = await refusalOf({ servers: [{ name: 'a', listen }], bogus: 1 });
  expect(error.errors).toEqual([]);
  expect(error.message.split('\n')).toHaveLength(2);
});
