import { afterEach, describe, expect, it } from '@jest/globals';
import { PoolErrorCode, ServerErrorCode, type PoolError } from '../../lib/index.js';
import { failure } from '../support/events.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

describe('twenty servers, one of them on a taken port', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('name that one, its address and the reason, and nineteen serve', async () => {
    const { listen } = await opened.takenPort();
    const pool = opened.pool({ handlers: () => ({ default: says('served') }) });
    for (let index = 0; index < 20; index += 1) {
      await pool.storeNew({ name: `server-${index}`, listen: index === 13 ? listen : LOOPBACK });
    }
    const error = await failure<PoolError>(pool.start());
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_START);
    expect(error.errors).toHaveLength(1);
    expect(error.errors[0]).toMatchObject({
      code: ServerErrorCode.ERR_SERVER_PORT_IN_USE,
      server: 'server-13',
      bind: listen,
      cause: { code: 'EADDRINUSE' },
    });
    expect(error.message).toContain('1 of 20 servers could not be started');
    expect(error.message).toContain(`server-13 (${listen})`);
    expect(error.message).toContain('the address is in use by another process or server');
    const running = [...pool].filter((server) => server.isRunning());
    expect(running).toHaveLength(19);
    const answers = await Promise.all(running.map(({ url }) => text(url)));
    expect(answers).toEqual(Array(19).fill('served'));
  });
});
