import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { readServerOptions } from './read-server-options.js';

const KEY = 'a-private-key-of-any-form';
const PASSPHRASE = 'hunter2-and-more';
const options = {
  name: 'a',
  listen: ':0',
  tls: { certs: [{ cert: '/c.pem', key: KEY, passphrase: PASSPHRASE, names: ['a.example'] }] },
};

describe('a copied certificate', () => {
  const pem = (label: string): string => `-----BEGIN ${label}-----\nAQ==\n-----END ${label}-----\n`;
  const chain = pem('CERTIFICATE') + pem('TRUSTED CERTIFICATE');
  const shownCert = (cert: string): unknown => {
    const tls = { certs: [{ cert, key: KEY }] };
    const copy = readServerOptions({ ...options, tls }).settings!.options.tls!.certs![0]!;
    expect(copy.cert).toBe(cert);
    return (JSON.parse(JSON.stringify(copy)) as { cert?: string }).cert;
  };

  it('is shown as a path, or as certificates alone', () => {
    for (const cert of ['/c.pem', chain]) expect(shownCert(cert)).toBe(cert);
  });

  it.each(['PRIVATE KEY', 'EC PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'])(
    'is not shown where it has a %s beside it',
    (label) => {
      for (const cert of [chain + pem(label), pem(label) + chain, pem(label)]) {
        expect(shownCert(cert)).toBeUndefined();
      }
    },
  );
});

describe('a copied config', () => {
  const { settings } = readServerOptions(options);
  const copy = settings!.options;

  it('reads its secrets back', () => {
    expect(copy.tls!.certs![0]).toMatchObject({ key: KEY, passphrase: PASSPHRASE });
    const again = readServerOptions(copy);
    expect(again.issues).toEqual([]);
    expect(again.settings!.options.tls!.certs![0]!.key).toBe(KEY);
  });

  it.each([
    ['JSON.stringify', () => JSON.stringify(copy)],
    ['util.inspect', () => inspect(copy, { depth: 9 })],
    ['util.inspect of hidden properties', () => inspect(copy, { depth: 9, showHidden: true })],
    ['util.inspect without its own hooks', () => inspect(copy, { depth: 9, customInspect: false })],
    ['String of its entries', () => Object.entries(copy.tls!.certs![0]!).join()],
    ['a spread', () => inspect(Object.assign({}, copy.tls!.certs![0]))],
  ])('shows none of them by %s', (_, show) => {
    const text = show();
    expect(text).not.toContain(KEY);
    expect(text).not.toContain(PASSPHRASE);
  });
});
