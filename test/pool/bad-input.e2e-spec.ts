import { readdir } from 'node:fs/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  isPortFree,
  Pool,
  PoolConfig,
  PooledServer,
  PoolErrorCode,
  ServerField,
  type PoolError,
} from '../../lib/index.js';
import { first, second } from '../support/certificates.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

const web = { name: 'web', listen: LOOPBACK };
const mismatched = { certs: [{ cert: first.cert, key: second.key }] };
const missing = { certs: [{ cert: '/nowhere/cert.pem', key: first.key }] };

const failureOf = (call: () => unknown): PoolError | undefined => {
  try {
    call();
    return undefined;
  } catch (error) {
    return error as PoolError;
  }
};

describe('bad input', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it.each<[string, unknown, [path: string, message: RegExp][]]>([
    ['a text instead of a list', 'web', [['servers', /^got the string 'web', give a list of/]]],
    ['an object instead of a list', web, [['servers', /^got an object, give a list of/]]],
    ['null instead of a list', null, [['servers', /^got null, give a list of/]]],
    ['null in the list', [null], [['servers[0]', /^got null, give an object/]]],
    ['a number in the list', [web, 7], [['servers[1]', /^got the number 7, give an object/]]],
    ['no name', [{ listen: LOOPBACK }], [['servers[0].name', /^is missing|^got nothing/]]],
    ['no bind address', [{ name: 'web' }], [['servers[0].listen', /nothing|missing/]]],
    [
      'two of one name',
      [web, { ...web }],
      [['servers[1].name', /^'web' is already the name of another server \(servers\[0\]\)/]],
    ],
    [
      'overlapping addresses',
      [
        { name: 'a', listen: '0.0.0.0:80' },
        { name: 'b', listen: '127.0.0.1:80' },
      ],
      [['servers[1].listen', /^127\.0\.0\.1:80 overlaps 0\.0\.0\.0:80.*'a'.*\(servers\[0\]\)/]],
    ],
    [
      'one address twice, in two spellings',
      [
        { name: 'a', listen: ':80' },
        { name: 'b', listen: '[::]:80' },
      ],
      [['servers[1].listen', /^\[::\]:80 is already the bind address of server 'a'/]],
    ],
    [
      'a port of 70000',
      [{ name: 'a', listen: '127.0.0.1:70000' }],
      [['servers[0].listen', /70000.*(0 to|up to|-) ?65535/]],
    ],
    [
      'a file that does not exist',
      [{ ...web, tls: missing }],
      [['servers[0].tls.certs[0].cert', /^file '\/nowhere\/cert\.pem' does not exist/]],
    ],
    [
      'a certificate that does not match its key',
      [{ ...web, tls: mismatched }],
      [['servers[0].tls.certs[0].key', /^does not match the certificate.*CN=first\.test/]],
    ],
    [
      'a text where a number is meant',
      [{ ...web, maxConnections: '10' }],
      [['servers[0].maxConnections', /^got the string '10', give the number 10/]],
    ],
    [
      'an unknown key',
      [{ ...web, maxConections: 10 }],
      [['servers[0].maxConections', /maxConnections/]],
    ],
    [
      'many faults in one server',
      [{ name: 7, listen: 'x', tlsMandatory: 'true', tls: mismatched }],
      [
        ['servers[0].listen', /'x'/],
        ['servers[0].name', /^got the number 7/],
        ['servers[0].tls.certs[0].key', /match/],
        ['servers[0].tlsMandatory', /give the boolean true/],
      ],
    ],
    [
      'a file that is missing beside a wrong type',
      [{ ...web, readTimeout: 'soon', tls: missing }],
      [
        ['servers[0].readTimeout', /'soon'/],
        ['servers[0].tls.certs[0].cert', /does not exist/],
      ],
    ],
    [
      'a redirect to nobody beside an unknown key',
      [{ ...web, maxConections: 1, redirectTo: 'nobody' }],
      [
        ['servers[0].maxConections', /maxConnections/],
        ['servers[0].redirectTo', /no server of the pool/],
      ],
    ],
    [
      'TLS of which a part is wrong, without what would follow from the rest',
      [{ ...web, tlsMandatory: true, tls: { ...missing, versionMin: 1 }, monitor: { path: '/' } }],
      [['servers[0].tls.versionMin', /'TLSv1.2'/]],
    ],
  ])('%s is one clear error', (_what, list, expected) => {
    const error = new PoolConfig(list as never).validate();
    expect(error?.code).toBe(PoolErrorCode.ERR_POOL_VALIDATE);
    expect(error?.errors).toHaveLength(1);
    const issues = [...(error?.errors[0]?.issues ?? [])].sort((a, b) =>
      a.path.localeCompare(b.path),
    );
    expect(issues.map(({ path }) => path)).toEqual(expected.map(([path]) => path));
    for (const [index, [, message]] of expected.entries()) {
      expect(issues[index]?.message).toMatch(message);
      expect(error?.message).toContain(issues[index]?.message);
    }
  });

  it('tells with a clash of two what else is wrong with them', () => {
    const error = new PoolConfig([web, { ...web, tls: missing }]).validate();
    const paths = error?.errors.flatMap(({ issues }) => issues.map(({ path }) => path));
    expect(paths).toEqual(['servers[1].name', 'servers[1].tls.certs[0].cert']);
  });

  it('tells at once what is wrong with one server and with what it points at', () => {
    const create = () =>
      PooledServer.create(
        { ...web, readTimeout: 'soon', tls: missing, handlerKey: 'none' } as never,
        { handlers: () => ({ k: () => undefined }) },
      );
    expect(create).toThrow(
      expect.objectContaining({
        issues: ['readTimeout', 'tls.certs[0].cert', 'handlerKey'].map((path) =>
          expect.objectContaining({ path }),
        ),
      }),
    );
  });

  it('tells the faults of all servers in one error', () => {
    const list = [
      { ...web, listen: 'x' },
      web,
      { name: 'tls', listen: LOOPBACK, tls: missing },
      null,
    ];
    const error = new PoolConfig(list as never).validate() as PoolError;
    const paths = error.errors.flatMap(({ issues }) => issues.map(({ path }) => path));
    expect(paths).toEqual([
      'servers[0].listen',
      'servers[1].name',
      'servers[2].tls.certs[0].cert',
      'servers[3]',
    ]);
  });

  it.each([[{}], [5], ['now'], [true]])('is refused as the signal of a pool: %j', (signal) => {
    const faulty = failureOf(() => new Pool({ signal: signal as never }));
    expect(faulty?.code).toBe(PoolErrorCode.ERR_POOL_VALIDATE);
    const [issue] = faulty?.errors[0]?.issues ?? [];
    expect(issue?.path).toBe('signal');
    expect(issue?.message).toContain('give an AbortSignal');
  });

  it.each([[5], ['web'], [{}], [true], [new Map()]])(
    'is refused as the servers of a pool: %j',
    (servers) => {
      const faulty = failureOf(() => new Pool({ servers: servers as never }));
      expect(faulty?.code).toBe(PoolErrorCode.ERR_POOL_ADD);
      expect(faulty?.message).toMatch(/servers: got .*, give a list of servers$/);
    },
  );

  it('is refused where it is null: a default TLS, without which its servers would speak plain HTTP', () => {
    const got = 'default tls: got null, give TLS options or a function';
    const tls = null as never;
    const pool = failureOf(() => new Pool({ tls }));
    expect([pool?.code, pool?.message]).toEqual([
      'ERR_POOL_VALIDATE',
      expect.stringContaining(got),
    ]);
    const server = failureOf(() => PooledServer.create(web, { tls }));
    expect([server?.code, server?.message]).toEqual([
      'ERR_SERVER_VALIDATE',
      expect.stringContaining(got),
    ]);
    const { error } = new PoolConfig([web]).setDefaultTls(tls).pool();
    expect(error?.message).toContain(got);
  });

  it('is none where it is null: servers of a pool, options of PoolConfig.pool', () => {
    expect(new Pool({ servers: null }).size).toBe(0);
    expect(new PoolConfig([web]).pool(null)).toEqual({ pool: expect.any(Pool) });
  });

  it.each([[{}], [5], ['now']])('is told as the signal of a PoolConfig: %j', (signal) => {
    const config = new PoolConfig([web, null as never]).setContext(signal as never);
    const paths = config.validate()?.errors.flatMap(({ issues }) => issues.map(({ path }) => path));
    expect(paths).toEqual(['signal', 'servers[1]']);
    for (const { pool, error } of [
      config.pool(),
      new PoolConfig([web]).pool({ signal: signal as never }),
    ]) {
      expect(pool.size).toBe(0);
      expect(error?.code).toBe(PoolErrorCode.ERR_POOL_VALIDATE);
      expect(error?.errors[0]?.issues[0]?.path).toBe('signal');
    }
  });

  it('matches no server, and is no timeout', async () => {
    const pool = opened.pool();
    const server = await pool.storeNew(web, { start: true });
    for (const wrong of [5, true, {}, [], Symbol('web')]) {
      expect(pool.filter(ServerField.Name, wrong as never).size).toBe(0);
    }
    expect(await isPortFree(server.url?.slice('http://'.length) ?? '', null)).toBe(false);
  });

  it('never shows key material', () => {
    const key = first.key.replace('BEGIN', 'BEGIN BROKEN');
    for (const certs of [[{ cert: first.cert, key }], [{ cert: key, key }], key, [key]]) {
      const error = new PoolConfig([{ ...web, tls: { certs } }] as never).validate();
      expect(error?.errors).toHaveLength(1);
      expect(`${error?.message}${error?.stack}`).not.toContain(first.key.split('\n')[1]);
    }
  });

  it('is told before anything is bound', async () => {
    const folder = await opened.folder();
    const { listen, free } = await opened.takenPort();
    await free();
    const list = [
      { name: 'unix', listen: `unix:${folder}/web.sock` },
      { name: 'tcp', listen },
      null,
    ];
    const { pool, error } = new PoolConfig(list as never).pool();
    opened.addPool(pool);
    expect(error?.errors).toHaveLength(1);
    expect(pool.len()).toBe(2);
    expect(await readdir(folder)).toEqual([]);
    expect(await isPortFree(listen)).toBe(true);
  });
});
