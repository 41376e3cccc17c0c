import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { describeValue, mayHoldKey, quote } from './redact.js';

describe('quote', () => {
  it('keeps a text on one line', () => {
    expect(quote('a\nb\u202ec\u001b[2J')).toBe("'a\\u000ab\\u202ec\\u001b[2J'");
  });

  it('cuts a long text', () => {
    expect(quote('a'.repeat(1000))).toBe(`'${'a'.repeat(80)}…'`);
  });

  it.each([
    '-----BEGIN RSA PRIVATE KEY-----\nMIIE',
    'x PRIVATE KEY',
    'LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t',
    'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC',
    'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg',
    'MC4CAQAwBQYDK2VwBCIEIGx0y-hAfHG4_ePJtk0bB8QWlm2Q',
    '308187020100301306072a8648ce3d020106082a8648ce3d',
  ])('hides key material: %.12s', (text) => {
    expect(quote(text)).toBe('PEM text (hidden)');
  });

  it('hides the credentials of a URL, cut off ones included', () => {
    expect(quote('http://u:hunter2@a.example')).toBe("'http://(hidden)@a.example'");
    expect(quote(`http://u:hunter2${'x'.repeat(99)}@a`)).not.toContain('hunter2');
  });
});

describe('mayHoldKey', () => {
  const keys = Array.from({ length: 50 }, () => [
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ed25519'),
  ]).flat();

  it('finds the key of a JWK, alone and in its JSON', () => {
    for (const { privateKey } of keys) {
      const jwk = privateKey.export({ format: 'jwk' });
      const told = [jwk.d!, JSON.stringify(jwk), `ENOENT: no such file, open '/app/${jwk.d}'`];
      expect(told.map(mayHoldKey)).toEqual([true, true, true]);
    }
  });

  it.each([
    '/etc/letsencrypt/live/a-rather-long-name-of-some-domain-in-production/fullchain.pem',
    'certs/MyCompany-production-certificate-of-the-wildcard_domain.pem',
    'CERTIFICATES_OF_THE_PRODUCTION_ENVIRONMENT_IN_EUROPE.PEM',
    '/run/secrets/2f1e9a34-6c1d-4a58-9c3e-0d7f2b6a8e11_tls-certificate',
  ])('finds none in %s', (path) => {
    expect(mayHoldKey(path)).toBe(false);
  });
});

describe('describeValue', () => {
  it.each<[unknown, string]>([
    [undefined, 'nothing'],
    [null, 'null'],
    ['', 'an empty string'],
    ['8080', "the string '8080'"],
    [5, 'the number 5'],
    [NaN, 'the number NaN'],
    [5n, 'the bigint 5'],
    [true, 'the boolean true'],
    [[], 'an empty list'],
    [[1], 'a list'],
    [{}, 'an object'],
    [Buffer.from('x'), 'a Buffer'],
    [new Map(), 'an object of type Map'],
    [() => 1, 'a function'],
    [Symbol('x'), 'a symbol'],
    ['-----BEGIN PRIVATE KEY-----', 'PEM text (hidden)'],
  ])('says what %p is', (value, text) => {
    expect(describeValue(value)).toBe(text);
  });

  it('never shows a secret', () => {
    expect(describeValue('hunter2', { secret: true })).toBe('a string (hidden)');
    expect(describeValue(1234, { secret: true })).toBe('a number (hidden)');
    expect(describeValue('', { secret: true })).toBe('a string (hidden)');
  });

  it('says that a revoked proxy cannot be read', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(describeValue(proxy)).toBe('an object that cannot be read');
  });

  it('throws for nothing', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (value) => {
        expect(typeof describeValue(value)).toBe('string');
      }),
    );
  });
});
