import { describe, expect, it } from '@jest/globals';
import { PoolError, PoolErrorCode } from './pool.error.js';
import { ServerError } from './server.error.js';

describe('PoolError', () => {
  it('has codes that are their own names', () => {
    expect(Object.keys(PoolErrorCode)).toEqual(Object.values(PoolErrorCode));
    expect(Object.keys(PoolErrorCode).sort()).toEqual([
      'ERR_POOL_ADD',
      'ERR_POOL_MONITOR',
      'ERR_POOL_PARAM_EMPTY',
      'ERR_POOL_RESTART',
      'ERR_POOL_START',
      'ERR_POOL_STOP',
      'ERR_POOL_VALIDATE',
    ]);
  });

  it('names each server that failed, its bind address and why', () => {
    const cause = new Error('why');
    const errors = [
      new ServerError('ERR_SERVER_PORT_IN_USE', 'the port is in use', {
        server: 'admin',
        bind: '[::]:80',
      }),
      new ServerError('ERR_SERVER_START', 'no handler', { bind: '[::]:81' }),
      ServerError.forConfig([{ path: 'servers[2].listen', message: 'got null' }], { server: 'c' }),
    ];
    const error = new PoolError('ERR_POOL_START', '3 servers could not be started', errors, {
      cause,
    });
    expect(error).toBeInstanceOf(AggregateError);
    expect(error).toMatchObject({ name: 'PoolError', code: 'ERR_POOL_START', cause });
    expect(error.errors).toEqual(errors);
    expect(error.message.split('\n')).toEqual([
      '3 servers could not be started:',
      '  - admin ([::]:80): the port is in use',
      '  - server ([::]:81): no handler',
      "  - c: Server 'c' has a config that is not valid:",
      '    - servers[2].listen: got null',
    ]);
  });

  it('is its headline alone when no server is to blame', () => {
    const error = new PoolError(PoolErrorCode.ERR_POOL_PARAM_EMPTY, 'no servers were given');
    expect(error.message).toBe('no servers were given');
    expect(error.errors).toEqual([]);
    expect('cause' in error).toBe(false);
  });
});
