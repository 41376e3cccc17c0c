import { describe, expect, it } from '@jest/globals';
import { isTrusted } from './trusted-proxies.js';

describe('isTrusted', () => {
  it.each([
    [['10.0.0.0/8'], '10.1.2.3', true],
    [['10.0.0.0/8'], '::ffff:10.1.2.3', true],
    [['10.0.0.0/8'], '11.1.2.3', false],
    [['2001:db8::/32'], '2001:db8::7', true],
    [['2001:db8::/32'], '2001:db9::7', false],
    [['fe80::/10'], 'fe80::1%eth0', true],
    [['127.0.0.1'], '127.0.0.1', true],
    [['127.0.0.1'], '127.0.0.2', false],
    [['127.0.0.1'], undefined, true],
    [['::1'], undefined, true],
    [['10.0.0.0/8'], undefined, false],
    [['0.0.0.0/0'], '203.0.113.7', true],
    [[], '127.0.0.1', false],
    [['10.0.0.0/8'], '', false],
  ])('of %j says of %p: %p', (trusted, peer, expected) => {
    expect(isTrusted(trusted, peer)).toBe(expected);
  });
});
