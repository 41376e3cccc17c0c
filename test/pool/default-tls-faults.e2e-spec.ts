import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  HttpPoolModule,
  Pool,
  PoolConfig,
  PooledServer,
  PoolErrorCode,
  ServerErrorCode,
  type DefaultTls,
  type PoolError,
  type ServerError,
  type TlsOptions,
} from '../../lib/index.js';
import { clientCa, localhost, tls } from '../support/certificates.js';
import { failure } from '../support/events.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

const inheriting = { name: 'a', listen: LOOPBACK, tls: { inheritDefault: true } };
const handlers = () => ({ default: says('secure') });
const certs = [localhost];

const caught = <E extends Error>(work: () => unknown): E => {
  try {
    work();
  } catch (error) {
    return error as E;
  }
  throw new Error('nothing was thrown');
};

const faults: [what: string, value: unknown, path: string, message: RegExp][] = [
  [
    'a value that is misspelt',
    { certs, authClient: 'required', clientCA: clientCa.cert },
    'default tls.authClient',
    /^got the string 'required', give 'none' or 'request' or 'require'$/,
  ],
  [
    'a key that is misspelt',
    { certz: [] },
    'default tls.certz',
    /^unknown key 'certz', did you mean 'certs'\?$/,
  ],
  [
    'certificates that are no list',
    { certs: {} },
    'default tls.certs',
    /^got an object, give a list/,
  ],
  [
    'a certificate without a key',
    { certs: [{ cert: 'x' }] },
    'default tls.certs[0].key',
    /^got nothing/,
  ],
  [
    'a flag as a text',
    { certs, inheritDefault: 'true' },
    'default tls.inheritDefault',
    /the boolean true$/,
  ],
  ['no version left', { versionMax: 'TLSv1.1' }, 'default tls.versionMax', /not below versionMin/],
  ['no options at all', [], 'default tls', /^got an empty list, give TLS options/],
];

describe.each(faults)('a default TLS with %s', (_what, value, path, message) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const bad = value as TlsOptions;
  const issues = [{ path, message: expect.stringMatching(message) }];
  const fault = { code: ServerErrorCode.ERR_SERVER_VALIDATE, issues };
  const refusal = { code: PoolErrorCode.ERR_POOL_VALIDATE, errors: [fault] };

  it('is refused by a pool, without any server too', () => {
    expect(caught<PoolError>(() => new Pool({ tls: bad }))).toMatchObject(refusal);
  });

  it('is refused by a server that is made alone', () => {
    const error = caught<ServerError>(() => PooledServer.create(inheriting, { tls: bad }));
    expect(error).toMatchObject(fault);
    expect(error.message).toContain(path);
  });

  it('is a fault of a pool config, whose pool serves nobody', async () => {
    const config = new PoolConfig([inheriting]).setDefaultTls(bad);
    expect(config.validate()).toMatchObject(refusal);
    const { pool, error } = config.pool();
    opened.addPool(pool);
    expect(error).toMatchObject(refusal);
    expect(pool.len()).toBe(0);
    const start = failure<ServerError>(pool.storeNew(inheriting, { start: true }));
    expect((await start).message).toContain(path);
  });

  it('fails the start when a function answers it', async () => {
    const pool = opened.pool({ handlers, tls: () => bad });
    const server = await pool.storeNew(inheriting);
    const error = await failure<PoolError>(pool.start());
    expect(error.errors[0]).toMatchObject({ code: fault.code, server: 'a', issues: [{ path }] });
    expect(server.address).toBeUndefined();
  });
});

describe('the answer of the function of a default TLS', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it.each([undefined, null, 'cert.pem', 5])('fails the start when it is %p', async (answer) => {
    const tls = (() => Promise.resolve(answer)) as unknown as DefaultTls;
    const server = opened.server(inheriting, { tls });
    const error = await failure<ServerError>(server.start());
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_VALIDATE);
    expect(error.issues).toMatchObject([{ path: 'default tls' }]);
    expect(server.address).toBeUndefined();
  });

  it('is of no concern to a server that does not inherit', async () => {
    const pool = opened.pool({ handlers, tls: () => undefined as never });
    const { url } = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    expect(await text(url)).toBe('secure');
  });
});

describe('a valid default TLS', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('is read once for all servers of a pool, and never again', async () => {
    let reads = 0;
    const options = {
      get certs() {
        reads += 1;
        return certs;
      },
    };
    const pool = opened.pool({ handlers, tls: options });
    const afterwards = reads;
    for (const name of ['a', 'b', 'c']) await pool.storeNew({ ...inheriting, name });
    await pool.start();
    expect(pool.filter('name', 'a').clone().len()).toBe(1);
    expect(reads).toBe(afterwards);
  });

  it('is not changed', () => {
    const options = Object.freeze({ certs: Object.freeze([Object.freeze({ ...localhost })]) });
    expect(new Pool({ tls: options }).len()).toBe(0);
    expect(options).toEqual({ certs });
  });

  it('must leave a version with the options of the server', async () => {
    const pool = opened.pool({ handlers, tls: { ...tls, versionMax: 'TLSv1.2' } });
    const own = { inheritDefault: true, versionMin: 'TLSv1.3' } as const;
    const { issues } = await failure<ServerError>(pool.storeNew({ ...inheriting, tls: own }));
    const message = "got 'TLSv1.3', give a version not above versionMax, TLSv1.2";
    expect(issues).toEqual([{ path: 'tls.versionMin', message }]);
  });
});

describe('forRoot with a default TLS at fault', () => {
  it('tells it along with the faults of the servers', async () => {
    const root = HttpPoolModule.forRoot({
      servers: [{ name: 'b', listen: 'nowhere' }],
      tls: { authClient: 'required' } as never,
    });
    const error = await failure<PoolError>(Test.createTestingModule({ imports: [root] }).compile());
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_VALIDATE);
    const paths = error.errors.flatMap(({ issues }) => issues.map(({ path }) => path));
    expect(paths).toEqual(['default tls.authClient', 'servers[0].listen']);
  });
});
