import { describe, expect, it } from '@jest/globals';
import { BindAddress } from '../../config/address/bind-address.js';
import { defaultExpose, localUrl, withoutRootPath } from './server-address.js';

describe('localUrl', () => {
  it.each([
    [{ host: '127.0.0.1', port: 80 }, false, 'http://127.0.0.1:80'],
    [{ host: '0.0.0.0', port: 80 }, true, 'https://127.0.0.1:80'],
    [{ host: '::', port: 80 }, false, 'http://127.0.0.1:80'],
    [{ host: '::1', port: 80 }, false, 'http://[::1]:80'],
    [{ path: '/run/web.sock' }, false, undefined],
    [undefined, false, undefined],
  ])('of %j (TLS: %s) is %s', (address, secure, url) => {
    expect(localUrl(address, secure)).toBe(url);
  });
});

describe('defaultExpose', () => {
  it.each([
    [':80', undefined, false, 'http://localhost:80'],
    ['0.0.0.0:443', undefined, true, 'https://localhost:443'],
    ['api.test:80', undefined, false, 'http://api.test:80'],
    ['[::1]:80', undefined, false, 'http://[::1]:80'],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 5000 }, false, 'http://127.0.0.1:5000'],
    // It drains after a change of its config.
    ['127.0.0.1:80', { host: '127.0.0.1', port: 5000 }, false, 'http://127.0.0.1:80'],
    ['unix:/run/web.sock', { path: '/run/web.sock' }, false, 'unix:/run/web.sock'],
    ['fd:3', { host: '127.0.0.1', port: 80 }, false, 'fd:3'],
  ])('of %s bound at %j (TLS: %s) is %s', (listen, address, secure, url) => {
    expect(defaultExpose(BindAddress.parse(listen), address, secure)).toBe(url);
  });
});

describe('withoutRootPath', () => {
  it.each([
    ['https://api.test/', 'https://api.test'],
    ['https://api.test', 'https://api.test'],
    ['https://api.test/v1/', 'https://api.test/v1/'],
    ['https://api.test/?a=/', 'https://api.test/?a=/'],
    ['https://api.test/#/', 'https://api.test/#/'],
  ])('makes of %s %s', (url, expected) => {
    expect(withoutRootPath(url)).toBe(expected);
  });
});
