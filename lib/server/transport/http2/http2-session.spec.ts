import { describe, expect, it } from '@jest/globals';
import { usesProhibitedCipher } from './http2-session.js';

const isProhibited = (name: string, protocol = 'TLSv1.2'): boolean =>
  usesProhibitedCipher({
    getCipher: () => ({ name, standardName: name, version: protocol }),
    getProtocol: () => protocol,
  });

describe('the cipher suites that HTTP/2 prohibits', () => {
  it.each([
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-CHACHA20-POLY1305',
    'DHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES128-CCM',
  ])('do not hold %s: an ephemeral key exchange and AEAD', (name) => {
    expect(isProhibited(name)).toBe(false);
  });

  it.each([
    ['AES128-GCM-SHA256', 'no ephemeral key exchange'],
    ['ECDHE-RSA-AES128-SHA256', 'no AEAD'],
    ['AES256-SHA', 'neither'],
  ])('hold %s: %s', (name) => {
    expect(isProhibited(name)).toBe(true);
  });

  it('hold none of TLS 1.3', () => {
    expect(isProhibited('TLS_AES_128_GCM_SHA256', 'TLSv1.3')).toBe(false);
  });
});
