import { describe, expect, it } from '@jest/globals';
import { authorityOf, portOf } from './authority.js';

describe('authorityOf', () => {
  it.each([
    ['localhost', 80, 'localhost:80'],
    ['::1', 8080, '[::1]:8080'],
    ['fe80::1%eth0', 0, '[fe80::1%eth0]:0'],
  ])('writes %s and %d as %s', (host, port, text) => {
    expect(authorityOf(host, port)).toBe(text);
  });
});

describe('portOf', () => {
  it.each([
    ['http://a', 80],
    ['https://a', 443],
    ['https://a:443', 443],
    ['http://a:8080', 8080],
    ['http://[::1]:81/x', 81],
  ])('of %s is %d', (url, port) => {
    expect(portOf(new URL(url))).toBe(port);
  });
});
