import { describe, expect, it, jest } from '@jest/globals';
import type { Pool } from '../pool/pool.js';
import { ApplicationLink } from './application-link.js';
import type { ApplicationHandlers } from './application-handlers.js';

function linked(pool: Partial<Pool>) {
  const logger = { log: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const handlers = { beginClose: jest.fn(), close: jest.fn(async () => undefined) };
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
    expect(handlers.close).toHaveBeenCalledTimes(1);
  });
});
