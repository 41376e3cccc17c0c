import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect, type InspectOptions } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Pool, PoolConfig, type ServerOptions, type TlsOptions } from '../../lib/index.js';
import type { DefaultTls } from '../../lib/tls/default-tls.js';
import { loadTls } from '../../lib/tls/load-tls.js';
import {
  clientCa,
  encrypted,
  localhost,
  passphrase,
  tls,
  type KeyPair,
} from '../support/certificates.js';
import { failure } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const handlers = () => ({ default: (): undefined => undefined });
const withPassphrase = { certs: [{ ...encrypted, passphrase }] };

/** A line from the middle of each key, and the passphrase. */
const secrets = [localhost.key.split('\n')[1]!, encrypted.key.split('\n')[1]!, passphrase];

const ways: InspectOptions[] = [
  { depth: 8 },
  { depth: 12, showHidden: true },
  { depth: 12, showHidden: true, getters: true },
  { depth: 12, customInspect: false },
  { depth: 12, customInspect: false, showHidden: true },
];

describe('what is given for a key is in no output', () => {
  it.each(['http1', 'http2'] as const)(
    'of a pool and its servers that serve %s',
    async (protocol) => {
      const pool = opened.addPool(new Pool({ handlers, tls, defaults: { tls: withPassphrase } }));
      const options = {
        name: 'a',
        listen: LOOPBACK,
        protocol,
        tls: { certs: withPassphrase.certs, inheritDefault: true },
      };
      const server = await pool.storeNew(options, { start: true });
      const config = new PoolConfig([options as ServerOptions]).setDefaultTls(tls);
      const shown = {
        pool,
        server,
        config,
        of: server.config,
        stats: pool.stats(),
        parts: [...pool],
      };
      for (const value of Object.values(shown)) {
        for (const how of ways) {
          const text = inspect(value, { ...how, maxStringLength: null });
          for (const secret of secrets) expect(text).not.toContain(secret);
        }
        const json = JSON.stringify(value) ?? '';
        for (const secret of secrets) expect(json).not.toContain(secret);
      }
    },
  );
});

it('what is given for a key is not shown by the accessors of a config that are called', () => {
  const { config } = opened.server({ name: 'a', listen: LOOPBACK, tls: withPassphrase });
  const how = { depth: 12, customInspect: false, showHidden: true, getters: true };
  const text = inspect(config, { ...how, maxStringLength: null });
  expect(text).toContain('-----BEGIN CERTIFICATE');
  for (const secret of secrets) expect(text).not.toContain(secret);
  expect(config.tls?.certs?.[0]?.key).toBe(encrypted.key);
});

describe('a key that stands beside a certificate, as in the one file of HAProxy', () => {
  const both = ({ cert, key }: KeyPair): string => `${cert}\n${key}`;
  const bundled: TlsOptions = {
    certs: [{ cert: both(localhost), key: both(localhost) }],
    clientCA: [both(clientCa)],
    authClient: 'require',
  };
  const keys = [localhost, clientCa].map(({ key }) => key.split('\n')[1]!);

  it.each<[string, DefaultTls, TlsOptions]>([
    ['own', tls, bundled],
    ['inherited', bundled, { inheritDefault: true }],
    ['as rootCA', tls, { ...bundled, clientCA: undefined, rootCA: bundled.clientCA }],
  ])('is served and trusted with, and in no output: %s', async (_, inherited, own) => {
    const pool = opened.addPool(new Pool({ handlers, tls: inherited, defaults: { tls: own } }));
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK, tls: own }, { start: true });
    for (const value of [pool, server, server.config]) {
      const texts = ways.map((how) => inspect(value, { ...how, maxStringLength: null }));
      for (const text of [...texts, JSON.stringify(value) ?? '']) {
        for (const key of keys) expect(text).not.toContain(key);
      }
    }
    expect(server.material).toMatchObject({ requestCert: true, rejectUnauthorized: true });
    const { material } = loadTls({ ...tls, clientCA: bundled.clientCA, authClient: 'require' });
    expect(server.material?.trust).toBe(material?.trust);
    expect((await pool.apply([{ name: 'a', listen: LOOPBACK, tls: own }])).keep).toEqual(['a']);
  });
});

it.each<[string, (text: string) => unknown]>([
  ['tls', (text) => text],
  ['tls.certs', (certs) => ({ certs })],
  ['tls.certs[0]', (text) => ({ certs: [text] })],
])('what is given as %s by mistake is in no error', async (_path, tlsOf) => {
  for (const text of [passphrase, `/${passphrase}`]) {
    const value = tlsOf(text) as never;
    const inheriting = { name: 'a', listen: LOOPBACK, tls: { inheritDefault: true } };
    const errors = await Promise.all([
      failure(opened.pool().storeNew({ name: 'a', listen: LOOPBACK, tls: value })),
      failure(opened.pool({ tls: () => value }).storeNew(inheriting, { start: true })),
      failure(
        opened.pool({ tls: () => Promise.reject(value) }).storeNew(inheriting, { start: true }),
      ),
    ]);
    for (const { message } of errors) expect(message).not.toContain(passphrase);
    expect(errors.map(({ message }) => message).join('\n')).toContain('hidden');
  }
});

describe('a function of a default TLS that fails with a key in its hands', () => {
  const pem = localhost.key;
  const der = pem.replace(/-----[^-]+-----|\n/g, '');
  const readBy = (key: string): Promise<string> => readFile(key, 'utf8');

  it.each<[string, () => Promise<unknown>]>([
    [
      'tells it as the cause of its error',
      async () => {
        throw new Error('no certificates', { cause: await readBy(der).catch((error) => error) });
      },
    ],
    [
      'tells it deep in its error',
      async () => {
        const cause = new Error('no file', { cause: { at: [{ read: { path: der } }] } });
        throw new Error('no certificates', { cause });
      },
    ],
    [
      'tells it as a property of its error',
      async () => {
        throw Object.assign(new Error('no certificates'), { path: pem });
      },
    ],
    [
      'tells it as a hidden property',
      async () => {
        throw Object.defineProperty(new Error('no certificates'), 'path', { value: pem });
      },
    ],
    ['tells it as one of several errors', () => Promise.any([readBy(pem), readBy(der)])],
    ['rejects with it', () => Promise.reject(pem)],
    ['rejects with what it was to return', () => Promise.reject({ certs: [{ key: pem }] })],
    [
      'has it read by a getter',
      async () => ({
        certs: [
          {
            cert: localhost.cert,
            get key() {
              return readFileSync(der, 'utf8');
            },
          },
        ],
      }),
    ],
  ])('shows it nowhere when it %s', async (_, fail) => {
    const lines: unknown[] = [];
    const add = (...line: unknown[]): void => void lines.push(...line);
    const pool = opened.pool({
      tls: fail as never,
      logger: { log: add, warn: add, error: add },
    });
    const inheriting = { name: 'a', listen: LOOPBACK, tls: { inheritDefault: true } };
    const server = await pool.storeNew(inheriting);
    const error = await failure(server.start());
    for (const how of ways) {
      const text = inspect([error, lines, server.getError(), pool.stats()], {
        ...how,
        maxStringLength: null,
      });
      // Of what is read by a getter a part would be left, of the text that is cut.
      expect(text).not.toContain(der.slice(0, 30));
    }
  });

  it('is told of without its error, at once, where that has very much in it', async () => {
    // Each part is in the next one twice: who looks at all of it by every way does so for ever.
    let much: unknown = {};
    for (let depth = 0; depth < 3_000; depth += 1) much = [much, much];
    const cause = Object.assign(new Error('no certificates'), { much });
    const pool = opened.pool({ tls: () => Promise.reject(cause) });
    const inheriting = { name: 'a', listen: LOOPBACK, tls: { inheritDefault: true } };
    const error = await failure(pool.storeNew(inheriting, { start: true }));
    expect(error.message).toMatch(/failed: no certificates$/);
    expect(error.cause).toBeUndefined();
  });

  it('is told of with the error that it fails with, when there is none in it', async () => {
    const cause = new Error('no certificates', {
      cause: await readBy('/none.pem').catch((error) => error),
    });
    const pool = opened.pool({ tls: () => Promise.reject(cause) });
    const inheriting = { name: 'a', listen: LOOPBACK, tls: { inheritDefault: true } };
    const error = await failure(pool.storeNew(inheriting, { start: true }));
    expect(error.cause).toBe(cause);
  });
});

it.each<[string, (pem: string) => string]>([
  ['PEM', (pem) => pem],
  ['base64', (pem) => Buffer.from(pem).toString('base64')],
  ['PEM whose first line is damaged', (pem) => pem.slice(1)],
])(
  'a key that the function of a default TLS takes for a path is shown nowhere: %s',
  async (_, form) => {
    const key = form(localhost.key);
    const lines: unknown[] = [];
    const add = (...line: unknown[]): void => void lines.push(...line);
    const pool = opened.pool({
      tls: async () => ({ certs: [{ cert: localhost.cert, key: await readFile(key, 'utf8') }] }),
      logger: { log: add, warn: add, error: add },
    });
    const inheriting = { name: 'a', listen: LOOPBACK, tls: { inheritDefault: true } };
    const server = await pool.storeNew(inheriting);
    const error = await failure(server.start());
    const shown = [error, error.stack, lines, server, pool.stats(), await server.monitor()];
    const text = inspect(shown, { depth: 8, maxStringLength: null });
    expect(text).toContain('hidden');
    expect(text).not.toContain(key.split('\n').at(1) ?? key);
  },
);

describe('an apply of what is there already', () => {
  it('sees that another key is given, though configs do not show theirs', async () => {
    const folder = await opened.folder();
    const [cert, key, other] = ['a.crt', 'a.key', 'b.key'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await writeFile(cert, localhost.cert);
    await writeFile(key, localhost.key);
    await writeFile(other, encrypted.key);
    const pool = opened.addPool(new Pool({ handlers }));
    const list = (path: string): ServerOptions[] => [
      { name: 'a', listen: LOOPBACK, tls: { certs: [{ cert, key: path }] } },
    ];
    await pool.apply(list(key));
    await pool.start();
    expect((await pool.apply(list(key))).keep).toEqual(['a']);
    await expect(pool.apply(list(other))).rejects.toMatchObject({ code: 'ERR_POOL_VALIDATE' });
    await writeFile(key, encrypted.key);
    await expect(pool.apply(list(key))).rejects.toMatchObject({ code: 'ERR_POOL_VALIDATE' });
  });
});
