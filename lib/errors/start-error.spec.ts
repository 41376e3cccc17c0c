import { describe, expect, it } from '@jest/globals';
import { ServerError, ServerErrorCode } from './server.error.js';
import { startError } from './start-error.js';

const web = { name: 'web', bind: '127.0.0.1:80' };

describe('startError', () => {
  it.each([
    ['EADDRINUSE', 'ERR_SERVER_PORT_IN_USE', 'in use'],
    ['EADDRNOTAVAIL', 'ERR_SERVER_INVALID_ADDRESS', 'no network interface'],
    ['ENOTFOUND', 'ERR_SERVER_INVALID_ADDRESS', 'does not resolve'],
    ['EAI_AGAIN', 'ERR_SERVER_INVALID_ADDRESS', 'cannot be resolved'],
    ['EAFNOSUPPORT', 'ERR_SERVER_INVALID_ADDRESS', 'address family'],
    ['EACCES', 'ERR_SERVER_START', 'permission denied'],
    ['EMFILE', 'ERR_SERVER_START', 'ulimit'],
    ['EINVAL', 'ERR_SERVER_START', 'refuses'],
    ['EEXIST', 'ERR_SERVER_START', 'descriptor'],
  ])('tells %s as %s, with the reason and what helps', (code, expected, reason) => {
    const cause = Object.assign(new Error(`bind ${code} 127.0.0.1:80`), { code, syscall: 'bind' });
    const error = startError(web, cause);
    expect(error).toMatchObject({ code: expected, server: 'web', bind: '127.0.0.1:80', cause });
    expect(error.message).toContain("Server 'web' cannot listen on 127.0.0.1:80: ");
    expect(error.message).toContain(reason);
    expect(error.message.endsWith(` (${code})`)).toBe(true);
  });

  it('tells anything else in its own words', () => {
    const cause = new Error('something new');
    const error = startError(web, cause);
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_START);
    expect(error.message).toBe("Server 'web' cannot listen on 127.0.0.1:80: something new");
    expect(error.cause).toBe(cause);
  });

  it('leaves a ServerError as it is', () => {
    const error = new ServerError(ServerErrorCode.ERR_SERVER_START, 'no certificate');
    expect(startError(web, error)).toBe(error);
  });
});
