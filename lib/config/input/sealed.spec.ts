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
