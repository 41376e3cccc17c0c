import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  HttpPoolModule,
  Pool,
  PoolConfig,
  PooledServer,
  PoolError,
  PoolErrorCode,
  ServerError,
  ServerErrorCode,
  type HandlerSource,
} from '../../lib/index.js';
import { failure } from '../support/events.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

const web = { name: 'a', listen: LOOPBACK };

const caught = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

describe.each<[what: string, source: unknown, message: RegExp]>([
  ['is no function', 5, /got the number 5, give a function/],
  ['is null', null, /got null, give a function/],
  ['returns no object', () => 5, /must return an object.*got the number 5/],
  ['returns a list', () => [says('a')], /must return an object.*got a list/],
  ['returns a Map', () => new Map([['', says('a')]]), /must return an object.*type Map/],
  ['is async', async () => ({ '': says('a') }), /must return an object.*type Promise/],
  [
    'is async, and fails',
    async () => Promise.reject(new Error('no database')),
    /must return an object.*type Promise/,
  ],
  ['returns what is no listener', () => ({ k: 5 }), /handlers\['k'\]: expected a request listener/],
  [
    'throws',
    () => {
      throw new Error('no routes');
    },
    /no routes/,
  ],
])('a handler source that %s', (_what, source, message) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const bad = source as HandlerSource;
  const refusal = {
    name: 'PoolError',
    code: PoolErrorCode.ERR_POOL_VALIDATE,
    message: expect.stringMatching(message),
    cause: { message: expect.stringMatching(message) },
  };

  it('is refused by a pool, which keeps the handlers it has', async () => {
    expect(caught(() => new Pool({ handlers: bad }))).toMatchObject(refusal);
    const pool = opened.pool({ handlers: () => ({ default: says('before') }) });
    const { url } = await pool.storeNew(web, { start: true });
    expect(caught(() => pool.handler(bad))).toMatchObject(refusal);
    expect(await text(url)).toBe('before');
  });

  it('is refused by a server', () => {
    const code = ServerErrorCode.ERR_SERVER_VALIDATE;
    const { message: text, cause } = refusal;
    const alone = caught(() => PooledServer.create(web, { handlers: bad }));
    expect(alone).toBeInstanceOf(ServerError);
    expect(alone).toMatchObject({ code, message: text, cause });
    const server = opened.server(web);
    expect(caught(() => server.handler(bad))).toMatchObject({ code, message: text, cause });
  });

  it('is a fault of a pool config, told along with those of its servers', () => {
    const config = new PoolConfig([web, { name: 'b', listen: 'nowhere' }]).setHandlerFunc(bad);
    const error = config.validate();
    expect(error).toBeInstanceOf(PoolError);
    expect(error).toMatchObject({ ...refusal, errors: [{ server: 'b' }] });
    const { pool, error: reported } = config.pool();
    opened.addPool(pool);
    expect(reported).toMatchObject(refusal);
    expect(pool.len()).toBe(0);
    expect(new PoolConfig([web]).pool({ handler: bad }).error).toMatchObject(refusal);
  });

  it('rejects the making of an application', async () => {
    const root = HttpPoolModule.forRoot({ servers: [web], handlers: bad });
    const error = await failure<PoolError>(Test.createTestingModule({ imports: [root] }).compile());
    expect(error).toBeInstanceOf(PoolError);
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_VALIDATE);
  });
});
