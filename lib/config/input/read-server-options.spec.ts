import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BindAddress } from '../address/bind-address.js';
import { readServerOptions } from './read-server-options.js';
import { ServerConfig } from '../server.config.js';
import type { ServerOptions } from '../server.config.js';
import { TlsConfig } from '../options/tls.js';

const MINIMAL = { name: 'admin', listen: ':8080' };
const KEY = '-----BEGIN PRIVATE KEY-----\nMIIEsecret\n-----END PRIVATE KEY-----';

/** Throws for an error, throws something else, and must not be looked at. */
const HOSTILE = {
  get expose(): string {
    throw new Error('no such secret');
  },
  get unknwon(): string {
    throw new Error('was read');
  },
  tls: {
    get certs(): [] {
      throw Object.create(null) as Error;
    },
  },
};

/** The issues as `path: message` lines. */
function issuesOf(input: unknown, options?: Parameters<typeof readServerOptions>[1]): string[] {
  return readServerOptions(input, options).issues.map(({ path, message }) => `${path}: ${message}`);
}

const withFields = (fields: object): object => ({ ...MINIMAL, ...fields });

function isDeepFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeepFrozen);
}

describe('readServerOptions', () => {
  it('fills in every default', () => {
    const { settings, issues, name, bind } = readServerOptions(MINIMAL);
    expect(issues).toEqual([]);
    expect({ name, bind }).toEqual({ name: 'admin', bind: '[::]:8080' });
    expect({ ...settings, options: { ...settings?.options } }).toEqual({
      options: MINIMAL,
      name: 'admin',
      bind: BindAddress.parse(':8080'),
      rates: { request: undefined, response: undefined },
      expose: undefined,
      handlerKey: '',
      disabled: false,
      tlsMandatory: false,
      tls: undefined,
      protocol: 'http1',
      timeouts: {
        readMs: 300_000,
        readHeaderMs: 30_000,
        writeMs: 0,
        idleMs: 5000,
        handshakeMs: 30_000,
      },
      limits: { maxHeaderBytes: undefined, maxConnections: undefined, maxHandlers: undefined },
      http2: {
        maxConcurrentStreams: 250,
        maxReadFrameSize: 1_048_576,
        maxUploadBufferPerConnection: 1_048_576,
        maxUploadBufferPerStream: 1_048_576,
        permitProhibitedCipherSuites: false,
      },
      keepAlive: { isLimited: false, disabled: false, maxRequests: Infinity, maxMs: Infinity },
      overload: undefined,
      proxyProtocol: { mode: 'off', trustedProxies: [] },
      shutdown: { delayMs: 0, timeoutMs: 5000, last: false, paceMs: 0, quietMs: 100 },
      restart: undefined,
      monitor: {
        configured: false,
        checkTimeoutMs: 5000,
        intervalCheckMs: 5000,
        intervalFallMs: 5000,
        intervalRiseMs: 5000,
        fallCountKO: 1,
        fallCountWarn: 2,
        riseCountKO: 1,
        riseCountWarn: 2,
      },
      logFilter: [],
    });
  });

  it('takes everything that the contract has', () => {
    const all: ServerOptions = {
      name: 'admin',
      listen: '127.0.0.1:0',
      expose: 'https://Example.com',
      handlerKey: 'admin',
      disabled: true,
      tlsMandatory: true,
      tls: {
        certs: [{ cert: '/c.pem', key: '/k.pem', passphrase: '', names: ['*.example.com'] }],
        rootCA: '/ca.pem',
        clientCA: ['/ca.pem'],
        authClient: 'require',
        versionMin: 'TLSv1.2',
        versionMax: 'TLSv1.3',
        cipherList: ['A', 'B'],
        curveList: 'P-256',
        inheritDefault: true,
        sessionTicketDisable: true,
        dynamicSizingDisable: true,
        watch: false,
      },
      protocol: 'http2',
      readTimeout: '1m',
      readHeaderTimeout: '2m',
      writeTimeout: '10s',
      idleTimeout: 0,
      handshakeTimeout: 1.5,
      maxHeaderBytes: 8192,
      maxConnections: 100,
      maxHandlers: 10,
      maxConcurrentStreams: 1,
      maxReadFrameSize: 16_384,
      maxUploadBufferPerConnection: 65_535,
      maxUploadBufferPerStream: 1,
      permitProhibitedCipherSuites: true,
      disableKeepAlive: true,
      proxyProtocol: 'off',
      trustedProxies: ['10.0.0.0/8', '::1'],
      shutdown: { delay: '1s', timeout: '2s', last: true },
      restart: { retries: Infinity, delay: '1s', maxDelay: '1m' },
      monitor: {
        name: 'm',
        checkTimeout: '1s',
        intervalCheck: '2s',
        intervalFall: '3s',
        intervalRise: '4s',
        fallCountKO: 5,
        fallCountWarn: 6,
        riseCountKO: 7,
        riseCountWarn: 8,
        path: '/health?full',
        data: { a: [1, { b: null }] },
      },
      logFilter: ['TLS handshake'],
    };
    const { settings, issues } = readServerOptions(all);
    expect(issues).toEqual([]);
    expect(settings).toMatchObject({
      expose: 'https://example.com/',
      handlerKey: 'admin',
      disabled: true,
      tlsMandatory: true,
      tls: all.tls,
      protocol: 'http2',
      timeouts: {
        readMs: 60_000,
        readHeaderMs: 60_000,
        writeMs: 10_000,
        idleMs: 0,
        handshakeMs: 1.5,
      },
      limits: { maxHeaderBytes: 8192, maxConnections: 100, maxHandlers: 10 },
      http2: { maxConcurrentStreams: 1, permitProhibitedCipherSuites: true },
      proxyProtocol: { mode: 'off', trustedProxies: ['10.0.0.0/8', '::1'] },
      shutdown: { delayMs: 1000, timeoutMs: 2000, last: true },
      supervision: { retries: Infinity, delayMs: 1000, maxDelayMs: 60_000 },
      monitor: { configured: true, name: 'm', intervalRiseMs: 4000, riseCountWarn: 8 },
    });
    expect(settings?.monitor).not.toHaveProperty('checkTimeout');
    expect(isDeepFrozen(settings)).toBe(true);
    const text = JSON.stringify(all, (key, value: unknown) => {
      return key === 'key' || key === 'passphrase' ? undefined : value;
    });
    expect(JSON.parse(JSON.stringify(settings?.options))).toEqual(JSON.parse(text));
    expect(readServerOptions(settings?.options).settings).toEqual(settings);
    expect(isDeepFrozen(all.monitor)).toBe(false);
  });

  it('keeps the options as a ServerConfig in the spelling of the user', () => {
    const { settings } = readServerOptions(
      withFields({ readTimeout: '30s', tls: {}, expose: undefined }),
    );
    expect(settings?.options).toBeInstanceOf(ServerConfig);
    expect(settings?.options.tls).toBeInstanceOf(TlsConfig);
    expect(Object.keys(settings?.options ?? {})).toEqual(['name', 'listen', 'tls', 'readTimeout']);
  });

  it.each([
    ['the header timeout is never above the read timeout', { readTimeout: '1s' }, 1000],
    ['without a read timeout the header timeout stands', { readTimeout: 0 }, 30_000],
    ['the header timeout can be off', { readHeaderTimeout: 0 }, 0],
  ])('%s', (_, fields, readHeaderMs) => {
    expect(readServerOptions(withFields(fields)).settings?.timeouts.readHeaderMs).toBe(
      readHeaderMs,
    );
  });

  it.each([
    ['', ''],
    ['default', ''],
    ['other', 'other'],
  ])('takes the handler key %p as %p', (handlerKey, key) => {
    expect(readServerOptions(withFields({ handlerKey })).settings?.handlerKey).toBe(key);
  });

  it('takes a limit of 0 as none', () => {
    const { settings } = readServerOptions(withFields({ maxConnections: 0, maxHandlers: 0 }));
    expect(settings?.limits).toEqual({});
  });

  it.each([
    [false, undefined],
    [{}, { retries: 10, delayMs: 100, maxDelayMs: 30_000, onDown: false }],
    [
      { retries: 0, delay: '1m' },
      { retries: 0, delayMs: 60_000, maxDelayMs: 60_000, onDown: false },
    ],
    [{ maxDelay: 50 }, { retries: 10, delayMs: 50, maxDelayMs: 50, onDown: false }],
  ])('resolves restart %p', (restart, resolved) => {
    expect(readServerOptions(withFields({ restart })).settings?.supervision).toEqual(resolved);
  });

  it('reports every fault with its key path', () => {
    const input = withFields({
      lisen: ':80',
      tls: {
        certs: [{ cert: '/c.pem' }, 3, { cert: '', key: 5, kay: 1 }],
        versionMin: 'TLSv1.3',
        versionMax: 'TLSv1.2',
      },
      shutdown: { timeout: '5' },
      trustedProxies: ['x', '10.0.0.0/8', '10', '::1/129'],
    });
    expect(issuesOf(input, { path: 'servers[2]' }).sort()).toEqual([
      "servers[2].lisen: unknown key 'lisen', did you mean 'listen'?",
      "servers[2].shutdown.timeout: got the string '5', give the number 5 or '5ms'",
      'servers[2].tls.certs[0].key: got nothing, give PEM text or a file path as a string',
      'servers[2].tls.certs[1]: got a number (hidden), give an object { cert, key }',
      'servers[2].tls.certs[2].cert: got an empty string, give PEM text or a file path as a string',
      "servers[2].tls.certs[2].kay: unknown key 'kay', did you mean 'key'?",
      'servers[2].tls.certs[2].key: got a number (hidden), give PEM text or a file path as a string',
      "servers[2].tls.versionMax: got 'TLSv1.2', give a version not below versionMin, TLSv1.3",
      ...[
        "[0]: got the string 'x'",
        "[2]: got the string '10'",
        "[3]: got the string '::1/129'",
      ].map(
        (start) =>
          `servers[2].trustedProxies${start}, give an address or a network in CIDR notation, such as '10.0.0.0/8' or '::1'`,
      ),
    ]);
  });

  it.each<[object, string]>([
    [{ name: undefined }, 'name: got nothing, give the name of the server, one line of text'],
    [{ name: ' ' }, "name: got the string ' ', give the name of the server, one line of text"],
    [
      { name: 'a\nb' },
      "name: got the string 'a\\u000ab', give the name of the server, one line of text",
    ],
    [
      { listen: undefined },
      "listen: got nothing, give 'host:port', ':port', '[v6]:port', 'unix:/path.sock', 'fd:3' or 'fd:NAME'",
    ],
    [
      { listen: 8080 },
      "listen: got the number 8080, give 'host:port', ':port', '[v6]:port', 'unix:/path.sock', 'fd:3' or 'fd:NAME'",
    ],
    [{ listen: '8080' }, "listen: '8080' is a bare port, give ':8080'"],
    [{ maxConnections: '8080' }, "maxConnections: got the string '8080', give the number 8080"],
    [{ maxConnections: '-1' }, "maxConnections: got the string '-1', give a whole number from 0"],
    [{ maxHandlers: 1.5 }, 'maxHandlers: got the number 1.5, give a whole number from 0'],
    [
      { maxHeaderBytes: NaN },
      'maxHeaderBytes: got the number NaN, give a whole number from 0 to 4294967295',
    ],
    [
      { maxReadFrameSize: 1 },
      'maxReadFrameSize: got the number 1, give a whole number from 16384 to 16777215',
    ],
    [
      { maxReadFrameSize: '1' },
      "maxReadFrameSize: got the string '1', give a whole number from 16384 to 16777215",
    ],
    [{ disabled: 'true' }, "disabled: got the string 'true', give the boolean true"],
    [{ disabled: 1 }, 'disabled: got the number 1, give true or false'],
    [{ disabled: null }, 'disabled: got null, give true or false'],
    [{ protocol: 'h2' }, "protocol: got the string 'h2', give 'http1' or 'http2'"],
    [{ handlerKey: 1 }, 'handlerKey: got the number 1, give the key of a handler'],
    [
      { expose: 'example.com' },
      "expose: got the string 'example.com', give a URL with its scheme, such as 'http://example.com'",
    ],
    [
      { expose: 'ftp://example.com' },
      "expose: got the string 'ftp://example.com', give an http or https URL without credentials, such as 'https://example.com'",
    ],
    [
      { readTimeout: -1 },
      "readTimeout: got the number -1, give milliseconds or text such as '500ms', '30s' or '1h30m', of at most 2147483647 ms",
    ],
    [
      { monitor: { intervalCheck: 0 } },
      "monitor.intervalCheck: got the number 0, give milliseconds or text such as '500ms', '30s' or '1h30m', from 1 to 2147483647 ms",
    ],
    [
      { monitor: { path: 'health' } },
      "monitor.path: got the string 'health', give a path that starts with a slash, percent-encoded, such as '/health'",
    ],
    [
      { monitor: { path: '/santé' } },
      "monitor.path: got the string '/santé', give a path that starts with a slash, percent-encoded, such as '/health'",
    ],
    [
      { monitor: { path: '/\0' } },
      "monitor.path: got the string '/\\u0000', give a path that starts with a slash, percent-encoded, such as '/health'",
    ],
    [
      { shutdown: null },
      'shutdown: got null, give an object { delay, timeout, last, pace, quiet }',
    ],
    [
      { shutdown: [] },
      'shutdown: got an empty list, give an object { delay, timeout, last, pace, quiet }',
    ],
    [
      { shutdown: { grace: 1 } },
      "shutdown.grace: unknown key 'grace', the keys are delay, timeout, last, pace, quiet",
    ],
    [
      { restart: true },
      'restart: got the boolean true, give false, or an object { retries, delay, maxDelay, onDown }',
    ],
    [
      { restart: { delay: '2s', maxDelay: '1s' } },
      "restart.maxDelay: got the string '1s', give a duration not below delay, 2000 ms",
    ],
    [
      { tls: { versionMax: 'TLSv1.1' } },
      "tls.versionMax: got 'TLSv1.1', give a version not below versionMin, TLSv1.2",
    ],
    [{ tls: { certs: {} } }, 'tls.certs: got an object, give a list of { cert, key } objects'],
    [
      { tls: { rootCA: 5 } },
      'tls.rootCA: got the number 5, give PEM text or a file path, one text or a list',
    ],
    [
      { tls: { rootCA: ['/ca', ''] } },
      'tls.rootCA[1]: got an empty string, give PEM text or a file path',
    ],
    [
      { logFilter: [''] },
      'logFilter[0]: got an empty string, give a text that is part of a log line',
    ],
    [
      { proxyProtocol: 'required' },
      "proxyProtocol: got 'required' without trustedProxies, name the addresses of the balancers there, such as ['10.0.0.0/8']",
    ],
    [{ port: 80 }, "port: unknown key 'port', leave it out"],
  ])('says what is wrong with %j', (fields, issue) => {
    expect(issuesOf(withFields(fields))).toEqual([issue]);
  });

  it.each<[unknown, string]>([
    [null, 'got null'],
    [undefined, 'got nothing'],
    ['x', "got the string 'x'"],
    [[], 'got an empty list'],
    [() => 1, 'got a function'],
    [new Map(), 'got an object of type Map'],
  ])('refuses %p', (input, got) => {
    expect(issuesOf(input)).toEqual([
      `options: ${got}, give an object with the options of a server`,
    ]);
    expect(issuesOf(input, { path: 'servers[0]' })[0]).toMatch(/^servers\[0\]: /);
  });

  it('shows no secret', () => {
    const secret = 'hunter2';
    const issues = issuesOf({
      name: KEY,
      listen: KEY,
      expose: `http://u:${secret}@a`,
      [KEY]: 1,
      readTimeout: KEY,
      logFilter: { [secret]: secret },
      tls: {
        certs: [
          { cert: KEY, key: [secret], passphrase: { secret } },
          { cert: '', key: { secret }, passphrase: [secret] },
        ],
        rootCA: Buffer.from(KEY),
        authClient: KEY,
        ky: secret,
      },
    });
    expect(issues.length).toBeGreaterThan(8);
    expect(issues.join('\n')).not.toMatch(/hunter2|MIIE|BEGIN/);
  });

  it('names a faulty config by what of it is sound', () => {
    expect(readServerOptions({ name: 'a', listen: '*:80', x: 1 })).toMatchObject({
      name: 'a',
      bind: '[::]:80',
    });
    expect(readServerOptions({ name: '', listen: 'x' })).toMatchObject({
      name: undefined,
      bind: undefined,
    });
  });

  it('refuses keys that reach for the prototype, and pollutes nothing', () => {
    const input: unknown = JSON.parse(
      '{"name":"a","listen":":80","__proto__":{"x":1},"constructor":{"prototype":{"x":1}},"monitor":{"data":{"__proto__":{"x":1}}}}',
    );
    expect(issuesOf(input)).toEqual([
      "__proto__: unknown key '__proto__', leave it out",
      "constructor: unknown key 'constructor', leave it out",
    ]);
    expect(({} as { x?: number }).x).toBeUndefined();
    const data: unknown = JSON.parse('{"__proto__":{"x":1}}');
    const kept = readServerOptions(withFields({ monitor: { data } })).settings?.monitor.data;
    expect(JSON.stringify(kept)).toBe('{"__proto__":{"x":1}}');
    expect((kept as { x?: number }).x).toBeUndefined();
  });

  it('reads instances of classes: their fields, getters and what they inherit', () => {
    class Base {
      name = 'admin';
      get listen(): string {
        return ':8080';
      }
    }
    class Derived extends Base {
      expose = undefined;
    }
    expect(issuesOf(new Derived())).toEqual([]);
    expect(issuesOf(Object.assign(new ServerConfig(), MINIMAL))).toEqual([]);
    expect(issuesOf(Object.assign(new ServerConfig(), MINIMAL, { constructor: 1 }))).toEqual([
      "constructor: unknown key 'constructor', leave it out",
    ]);
  });

  it('says which value cannot be read', () => {
    const input = Object.defineProperties(
      withFields({}),
      Object.getOwnPropertyDescriptors(HOSTILE),
    );
    expect(issuesOf(input).sort()).toEqual([
      "expose: cannot be read: 'no such secret'",
      'tls.certs: cannot be read',
      "unknwon: unknown key 'unknwon', leave it out",
    ]);
  });

  it('reports a value that holds itself', () => {
    const data: { self?: unknown } = {};
    data.self = [data];
    expect(issuesOf(withFields({ monitor: { data } }))).toEqual([
      'monitor.data: holds itself, give data without cycles',
    ]);
    const tls: { tls?: unknown } = {};
    tls.tls = tls;
    expect(issuesOf(withFields({ tls }))).toEqual([
      "tls.tls: unknown key 'tls', the keys are certs, rootCA, clientCA, authClient, versionMin, versionMax, cipherList, curveList, inheritDefault, sessionTicketDisable, dynamicSizingDisable, watch, expiryWarning",
    ]);
  });

  it('reports a list too long to be meant', () => {
    expect(
      issuesOf(withFields({ logFilter: Object.assign([], { length: 4_000_000_000 }) })),
    ).toEqual(['logFilter: has 4000000000 entries, give at most 10000']);
  });

  it('reports what throws at every look', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(issuesOf(proxy)).toEqual([
      'options: got an object that cannot be read, give an object with the options of a server',
    ]);
    expect(issuesOf(withFields({ disabled: proxy }), { path: 'a' })).toEqual([
      expect.stringMatching(/^a\.disabled: cannot be read/),
    ]);
    const trap = (): never => {
      throw new Error('no look');
    };
    const shy = new Proxy({}, { getPrototypeOf: trap });
    expect(issuesOf(withFields({ disabled: shy }), { path: 'a' })).toEqual([
      "a: cannot be read: 'no look'",
    ]);
  });

  it('never throws and never changes its input', () => {
    const keys = [
      'name',
      'listen',
      'tls',
      'certs',
      'monitor',
      'data',
      'restart',
      'logFilter',
      '__proto__',
    ];
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(
          null,
          undefined,
          0,
          -1,
          NaN,
          '',
          ':80',
          '30s',
          true,
          5n,
          Symbol('s'),
          new Date(0),
        ),
        fc.string(),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), tie('any'), { maxKeys: 6 }),
        fc.func(fc.anything()),
      ),
    })).any;
    const config = fc.record(Object.fromEntries(keys.map((key) => [key, value])), {
      requiredKeys: [],
    });
    fc.assert(
      fc.property(fc.oneof(config, value), fc.oneof(config, value), (input, defaults) => {
        deepFreeze(input);
        deepFreeze(defaults);
        const result = readServerOptions(input, { defaults: defaults as object });
        expect(result.settings === undefined).toBe(result.issues.length > 0);
        for (const issue of result.issues) {
          expect(issue.path).not.toBe('');
          expect(issue.message).not.toBe('');
          expect(`${issue.path}${issue.message}`).not.toContain('\n');
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('readServerOptions with defaults', () => {
  it('fills in what is absent, within nested objects too', () => {
    const input = withFields({
      tls: { authClient: 'request' },
      readTimeout: undefined,
      logFilter: [],
    });
    const defaults: Partial<ServerOptions> = {
      readTimeout: '1s',
      logFilter: ['x'],
      tls: { authClient: 'require', versionMin: 'TLSv1.3' },
      shutdown: { last: true },
    };
    const before = structuredClone([input, defaults]);
    const { settings } = readServerOptions(input, { defaults });
    expect(settings).toMatchObject({
      timeouts: { readMs: 1000 },
      logFilter: [],
      tls: { authClient: 'request', versionMin: 'TLSv1.3' },
      shutdown: { last: true },
    });
    expect([input, defaults]).toEqual(before);
    expect(Object.isFrozen(defaults.tls)).toBe(false);
  });

  it('has a key path for options whose keys can not be listed', () => {
    const ownKeys = (): never => {
      throw new Error('not yours');
    };
    const { issues } = readServerOptions(new Proxy({ ...MINIMAL }, { ownKeys }));
    expect(issues).toEqual([{ path: 'options', message: "cannot be read: 'not yours'" }]);
  });

  it('lets false stand against an object', () => {
    const { settings } = readServerOptions(withFields({ restart: false }), {
      defaults: { restart: {} },
    });
    expect(settings?.supervision).toBeUndefined();
  });

  it('says that a fault is of the defaults', () => {
    const defaults = { idleTimeout: 'x', foo: 1, tls: { authClient: 'y' } } as object;
    expect(issuesOf(withFields({ tls: { watch: 1 } }), { defaults }).sort()).toEqual([
      "foo: unknown key 'foo', leave it out (from the pool's defaults)",
      "idleTimeout: got the string 'x', give milliseconds or text such as '500ms', '30s' or '1h30m', of at most 2147483647 ms (from the pool's defaults)",
      "tls.authClient: got the string 'y', give 'none' or 'request' or 'require' (from the pool's defaults)",
      'tls.watch: got the number 1, give true or false',
    ]);
  });

  it('refuses defaults that are no object', () => {
    expect(issuesOf(MINIMAL, { defaults: null as unknown as object })).toEqual([
      'defaults: got null, give an object with server options',
    ]);
  });
});

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(deepFreeze);
}
