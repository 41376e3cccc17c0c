import { describe, expect, it } from '@jest/globals';
import { BindAddress } from '../../config/address/bind-address.js';
import { descriptorOf } from './inherited-descriptor.js';

const pid = String(process.pid);

describe('descriptorOf', () => {
  it.each([
    ['fd:7', {}, 7],
    ['fd:web', { LISTEN_FDS: '2', LISTEN_FDNAMES: 'admin:web', LISTEN_PID: pid }, 4],
    ['fd:admin', { LISTEN_FDS: '2', LISTEN_FDNAMES: 'admin:web' }, 3],
    ['fd:my-app.socket', { LISTEN_FDS: '1', LISTEN_FDNAMES: 'my-app.socket', LISTEN_PID: pid }, 3],
  ])('of %s in %j is %d', (listen, env, fd) => {
    expect(descriptorOf(BindAddress.parse(listen), env)).toBe(fd);
  });

  it.each([
    [{}, 'LISTEN_FDS is not set'],
    [{ LISTEN_FDS: '1', LISTEN_FDNAMES: 'web:admin', LISTEN_PID: pid }, "the names are 'web'"],
    [{ LISTEN_FDS: '1', LISTEN_FDNAMES: 'admin', LISTEN_PID: '1' }, 'passed on to the process 1'],
    [{ LISTEN_FDS: '1' }, 'the names are'],
  ])('says why there is none in %j', (env, message) => {
    expect(() => descriptorOf(BindAddress.parse('fd:admin'), env)).toThrow(message);
  });
});
