import { describe, expect, it, jest } from '@jest/globals';
import type { Pool } from '../pool/pool.js';
import { ApplicationLink } from './application-link.js';
import type { ApplicationHandlers } from './application-handlers.js';

function linked(pool: Partial<Pool>) {
  const logger = { log: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const handlers = { beginClose: jest.fn(), dispose: jest.fn(async () => undefined) };
  const link = new ApplicationLink({
    options: { autoStart: true, onStartFailure: 'abort' },
    handlers: handlers as unknown as ApplicationHandlers,
    logger,
  });
  return { close: () => link.close(pool as Pool), logger, handlers };
}

describe('ApplicationLink.close', () => {
  it('reports a stop that failed, and lets go of the application all the same', async () => {
    const stop = () => Promise.reject(new Error('web did not close'));
    const { close, logger, handlers } = linked({ stop });
    await expect(close()).resolves.toBeUndefined();
    expect(logger.error).toHaveBeenCalledWith('web did not close', expect.any(String));
    expect(handlers.dispose).toHaveBeenCalledTimes(1);
  });

  it('tells of a grace that ran out, and of what was cut', async () => {
    const cut = { http1: 2, http2: 0, upgraded: 0, connect: 0, tls: 0, idle: 0 };
    const report = { server: 'web', finished: 1, cut, timedOut: true, durationMs: 5000.4 };
    const { close, logger } = linked({
      stop: async () => [report, { ...report, server: 'admin', timedOut: false }],
    });
    await close();
    expect(logger.warn.mock.calls).toEqual([
      [expect.stringMatching(/^Server 'web' .* after 5000 ms.*"http1":2/)],
    ]);
    expect(logger.error).not.toHaveBeenCalled();
  });
});
