import { describe, expect, it } from '@jest/globals';
import { nearestKey } from './nearest-key.js';

const KEYS = ['name', 'listen', 'readTimeout', 'readHeaderTimeout', 'tls', 'maxHandlers'];

describe('nearestKey', () => {
  it.each([
    ['lisen', 'listen'],
    ['lisetn', 'listen'],
    ['Listen', 'listen'],
    ['read_timeout', 'readTimeout'],
    ['ReadHeaderTimeout', 'readHeaderTimeout'],
    ['read-header-timeout', 'readHeaderTimeout'],
    ['TLS', 'tls'],
    ['tsl', 'tls'],
    ['maxHandler', 'maxHandlers'],
  ])('finds what was meant by %s', (key, meant) => {
    expect(nearestKey(key, KEYS)).toBe(meant);
  });

  it.each(['port', 'x', '', '__proto__', 'constructor', 'n'.repeat(100_000)])(
    'finds nothing near %.20s',
    (key) => {
      expect(nearestKey(key, KEYS)).toBeUndefined();
    },
  );
});
