import { describe, expect, it } from '@jest/globals';
import { ServerError, ServerErrorCode } from './server.error.js';

describe('ServerError', () => {
  it('has codes that are their own names', () => {
    expect(Object.keys(ServerErrorCode)).toEqual(Object.values(ServerErrorCode));
    expect(Object.keys(ServerErrorCode).sort()).toEqual([
      'ERR_SERVER_HTTP2_CONFIGURE',
      'ERR_SERVER_INVALID_ADDRESS',
      'ERR_SERVER_INVALID_INSTANCE',
      'ERR_SERVER_PARAM_EMPTY',
      'ERR_SERVER_PORT_IN_USE',
      'ERR_SERVER_START',
      'ERR_SERVER_VALIDATE',
    ]);
  });

  it('tells which server failed and why', () => {
    const cause = new Error('EADDRINUSE');
    const error = new ServerError(ServerErrorCode.ERR_SERVER_START, 'could not start', {
      server: 'admin',
      bind: '[::]:80',
      cause,
    });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'ServerError',
      code: 'ERR_SERVER_START',
      server: 'admin',
      bind: '[::]:80',
      issues: [],
    });
    expect(error.cause).toBe(cause);
    expect(error.message).toBe('could not start');
  });

  it('has no cause of its own making', () => {
    expect('cause' in new ServerError('ERR_SERVER_START', 'x')).toBe(false);
  });

  it('lists every issue of a config, one per line', () => {
    const issues = [
      { path: 'servers[2].name', message: 'got nothing' },
      { path: 'servers[2].listen', message: 'got null' },
    ];
    const error = ServerError.forConfig(issues, { server: 'admin', path: 'servers[2]' });
    expect(error.code).toBe('ERR_SERVER_VALIDATE');
    expect(error.issues).toEqual(issues);
    expect(Object.isFrozen(error.issues)).toBe(true);
    expect(error.message.split('\n')).toEqual([
      "Server 'admin' (servers[2]) has a config that is not valid:",
      '  - servers[2].name: got nothing',
      '  - servers[2].listen: got null',
    ]);
  });

  it('names a server without a name by its place', () => {
    expect(ServerError.forConfig([], { path: 'servers[2]' }).message).toMatch(
      /^The server \(servers\[2\]\) has/,
    );
    expect(ServerError.forConfig([]).message).toMatch(/^The server has/);
  });

  it('hides key material that got into a message', () => {
    const pem = '-----BEGIN PRIVATE KEY-----\nMIIEsecret\n-----END PRIVATE KEY-----';
    const error = ServerError.forConfig([{ path: 'tls', message: `bad ${pem} here` }]);
    expect(error.message).toContain('bad (PEM text, hidden) here');
    expect(JSON.stringify(error.issues)).not.toContain('MIIEsecret');
    expect(new ServerError('ERR_SERVER_START', '-----BEGIN X-----\nMIIE').message).toBe(
      '(PEM text, hidden)',
    );
  });
});
