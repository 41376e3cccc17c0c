import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  ca,
  client,
  clientCa,
  encrypted,
  first,
  localhost,
  passphrase,
  second,
} from '../../test/support/certificates.js';
import type { TlsOptions } from '../config/options/tls.js';
import { loadTls } from './load-tls.js';

const certs = [localhost];

describe('loadTls', () => {
  const pathsOf = (own: TlsOptions, inherited?: TlsOptions): string[] =>
    loadTls(own, inherited).issues.map(({ path }) => path);

  it('has no material without TLS, or without a certificate, and that is no fault', () => {
    for (const own of [undefined, {}, { certs: [] }, { inheritDefault: true }]) {
      expect(loadTls(own)).toEqual({ issues: [] });
    }
  });

  it.each<[string, TlsOptions, TlsOptions?]>([
    ['asks for client certificates', { authClient: 'require', clientCA: clientCa.cert }],
    ['wants to see client certificates', { authClient: 'request', clientCA: clientCa.cert }],
    ['has an empty list', { authClient: 'require', clientCA: clientCa.cert, certs: [] }],
    [
      'inherits, and there is no default',
      { authClient: 'require', clientCA: clientCa.cert, inheritDefault: true },
    ],
    [
      'inherits that clients are asked',
      { inheritDefault: true },
      { authClient: 'require', clientCA: clientCa.cert },
    ],
  ])(
    'refuses TLS without a certificate that %s: everybody would be let in',
    (...[, own, inherited]) => {
      expect(pathsOf(own, inherited)).toContain('tls.certs');
    },
  );

  it('has the first certificate as its base, and a context for every other name', () => {
    const { material } = loadTls({ certs: [first, second, { ...encrypted, passphrase }] });
    expect(material).toMatchObject({ requestCert: false, rejectUnauthorized: false });
    expect(material?.contextFor('first.test')).toBeUndefined();
    for (const name of ['second.test', 'www.second.test', 'encrypted.test']) {
      expect(material?.contextFor(name)).toBeDefined();
    }
    expect(material?.contextFor('other.test')).toBeUndefined();
  });

  it('answers with the known material for as long as what it reads is the same', () => {
    const { material } = loadTls({ certs });
    expect(loadTls({ certs: [{ ...localhost }] }).material).toBe(material);
    const others: TlsOptions[] = [
      { certs: [first] },
      { certs: [localhost, first] },
      { certs: [{ ...localhost, names: ['other.test'] }] },
      { certs, authClient: 'request', clientCA: clientCa.cert },
      { certs, clientCA: clientCa.cert },
      { certs, versionMin: 'TLSv1.3' },
      { certs, sessionTicketDisable: true },
    ];
    for (const own of others) {
      const changed = loadTls(own).material;
      expect(changed?.fingerprint).toBeDefined();
      expect(changed?.fingerprint).not.toBe(material?.fingerprint);
    }
  });

  it('tells every fault with its key path', () => {
    const paths = pathsOf({
      certs: [
        { cert: first.cert, key: second.key },
        { cert: 'missing.pem', key: 'missing.key' },
        { cert: first.key, key: first.cert },
        encrypted,
      ],
      clientCA: ['missing-ca.pem', client.key],
    });
    expect(paths).toEqual([
      'tls.certs[0].key',
      'tls.certs[1].cert',
      'tls.certs[1].key',
      'tls.certs[2].cert',
      'tls.certs[2].key',
      'tls.certs[3].key',
      'tls.clientCA',
      'tls.clientCA',
    ]);
  });

  it('tells the faults of what is inherited under its own name', () => {
    const paths = pathsOf(
      { inheritDefault: true },
      { certs: [{ cert: first.cert, key: second.key }] },
    );
    expect(paths).toEqual(['default tls.certs[0].key']);
  });

  it('inherits only when asked to, own options first', () => {
    const inherited: TlsOptions = {
      certs: [second],
      authClient: 'request',
      clientCA: clientCa.cert,
    };
    expect(loadTls({ certs: [first] }, inherited).material?.contextFor('second.test')).toBe(
      undefined,
    );
    const own: TlsOptions = { certs: [first], inheritDefault: true, authClient: 'none' };
    const { material } = loadTls(own, inherited);
    expect(material?.contextFor('first.test')).toBeUndefined();
    expect(material?.requestCert).toBe(false);
    expect(material?.contextFor('second.test')).toBeDefined();
  });

  it('checks clients against clientCA, else against rootCA', () => {
    for (const by of ['clientCA', 'rootCA'] as const) {
      const own: TlsOptions = { certs, authClient: 'require', [by]: clientCa.cert };
      const { material } = loadTls(own);
      expect(material).toMatchObject({ requestCert: true, rejectUnauthorized: true });
      expect(material?.trust).toBe(
        loadTls({ certs, authClient: 'require', clientCA: [clientCa.cert] }).material?.trust,
      );
    }
  });

  it('refuses to ask for client certificates without a CA: any public one would do', () => {
    expect(pathsOf({ certs, authClient: 'require' })).toEqual(['tls.clientCA']);
    expect(pathsOf({ certs, authClient: 'request' })).toEqual(['tls.clientCA']);
    expect(pathsOf({ certs, authClient: 'request', clientCA: [] })).toEqual(['tls.clientCA']);
  });

  it('refuses bounds that leave no version, once own and inherited options are folded', () => {
    const own: TlsOptions = { certs, inheritDefault: true, versionMin: 'TLSv1.3' };
    expect(pathsOf(own, { versionMax: 'TLSv1.2' })).toEqual(['tls.versionMin']);
    expect(pathsOf(own, { versionMax: 'TLSv1.3' })).toEqual([]);
  });

  it.each<[key: string, own: TlsOptions, example: string]>([
    ['cipherList', { cipherList: ['NO-SUCH'] }, 'ECDHE-RSA-AES128-GCM-SHA256'],
    ['curveList', { curveList: 'no-such' }, 'X25519'],
  ])('says what OpenSSL refuses of %s, why, and what would be right', (key, own, example) => {
    const [issue] = loadTls({ certs, ...own }).issues;
    expect(issue?.path).toBe(`tls.${key}`);
    expect(issue?.message).toMatch(/^got 'no-such', which OpenSSL refuses \(.+\), give /i);
    expect(issue?.message).toContain(example);
    const right = { certs, [key]: /'([^']+)'$/.exec(issue?.message ?? '')?.[1] };
    expect(loadTls(right).issues).toEqual([]);
  });

  it('has equal fingerprints for equal material, whatever object holds it', () => {
    const one = loadTls({ certs: [{ ...first }], versionMin: 'TLSv1.2' }).material;
    const two = loadTls({ versionMin: 'TLSv1.2', certs: [{ ...first }] }).material;
    expect(one?.fingerprint).toBe(two?.fingerprint);
  });

  it.each<[string, TlsOptions]>([
    ['another certificate', { certs: [second] }],
    ['one more certificate', { certs: [first, second] }],
    ['other names', { certs: [{ ...first, names: ['other.test'] }] }],
    ['another version', { certs: [first], versionMax: 'TLSv1.2' }],
    ['other ciphers', { certs: [first], cipherList: 'ECDHE-ECDSA-AES128-GCM-SHA256' }],
    ['no tickets', { certs: [first], sessionTicketDisable: true }],
    ['client certificates', { certs: [first], authClient: 'request', clientCA: clientCa.cert }],
  ])('has another fingerprint for %s', (_what, own) => {
    const before = loadTls({ certs: [first] }).material;
    expect(loadTls(own).material?.fingerprint).not.toBe(before?.fingerprint);
  });

  it('trusts others only when the CAs or what is asked of clients change', () => {
    const trust = (own: TlsOptions): string => loadTls(own).material!.trust;
    const before = trust({ certs: [first], clientCA: clientCa.cert, authClient: 'request' });
    expect(trust({ certs: [second], clientCA: clientCa.cert, authClient: 'request' })).toBe(before);
    expect(trust({ certs: [first], clientCA: ca.cert, authClient: 'request' })).not.toBe(before);
    const required = trust({ certs: [first], clientCA: clientCa.cert, authClient: 'require' });
    expect(required).not.toBe(before);
  });

  it('keeps no text of a key or passphrase where output could reach it', () => {
    const { material } = loadTls({
      certs: [{ ...encrypted, passphrase }],
      clientCA: clientCa.cert,
    });
    const text = inspect(material, { depth: 9, showHidden: true });
    expect(text).not.toContain(encrypted.key.split('\n')[1]);
    expect(text).not.toContain(passphrase);
  });
});
