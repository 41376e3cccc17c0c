import { afterEach, describe, expect, it } from '@jest/globals';
import { record } from '../../support/events.js';
import { held, LOOPBACK, says } from '../../support/handlers.js';
import { text } from '../../support/http-client.js';
import { RunningPools, change, on } from '../support/running-pools.js';

describe('apply to servers that do not run, or cease to', () => {
  const slow = held('slow');
  const opened = new RunningPools({
    default: says('first'),
    second: says('second'),
    slow: slow.handler,
  });
  afterEach(() => opened.closeAll());

  it('stops a server that becomes disabled, drained, and starts it when it is enabled', async () => {
    const pool = await opened.started(on('a', { handlerKey: 'slow' }));
    const server = pool.get('a');
    const events = record(pool);
    expect(await change(pool, { handlerKey: 'slow', disabled: true })).toEqual(['live']);
    expect(server?.state).toBe('stopped');
    expect(server?.disabled).toBe(true);
    expect(await change(pool, { handlerKey: 'second' })).toEqual(['live']);
    expect(pool.get('a')).toBe(server);
    expect(await text(server?.url)).toBe('second');
    expect(events.map(({ type, state }) => `${type} ${state}`)).toEqual([
      'config running',
      'state draining',
      'state stopped',
      'config stopped',
      'state running',
    ]);
  });

  it('does not bind the new address of a server that becomes disabled', async () => {
    const { listen } = await opened.takenPort();
    const pool = await opened.started(on('a'));
    const url = pool.get('a')?.url;
    expect(await change(pool, { listen, disabled: true })).toEqual(['rebind']);
    expect(pool.get('a')).toMatchObject({ state: 'stopped', bind: listen });
    expect(url).toBeDefined();
  });

  it('changes the config of a stopped server without starting it', async () => {
    const pool = await opened.started(on('a'));
    await pool.apply([
      { name: 'a', listen: LOOPBACK },
      { name: 'other', listen: LOOPBACK },
    ]);
    await pool.get('a')?.stop();
    expect(await change(pool, { handlerKey: 'second' })).toEqual(['live', 'remove']);
    expect(pool.get('a')?.state).toBe('stopped');
    await pool.get('a')?.start();
    expect(await text(pool.get('a')?.url)).toBe('second');
  });

  it('starts a server that had failed, once its config is mended', async () => {
    const { listen } = await opened.takenPort();
    const pool = opened.pool();
    await pool.apply([{ name: 'a', listen }]);
    await pool.start().catch(() => undefined);
    expect(pool.get('a')?.state).toBe('failed');
    expect(await change(pool, {})).toEqual(['rebind']);
    expect(pool.get('a')).toMatchObject({ state: 'running' });
    expect(pool.get('a')?.isError()).toBe(false);
    expect(await text(pool.get('a')?.url)).toBe('first');
  });

  it('forgets the failure of a server that becomes disabled', async () => {
    const { listen } = await opened.takenPort();
    const pool = opened.pool();
    await pool.apply([{ name: 'a', listen }]);
    await pool.start().catch(() => undefined);
    expect(await change(pool, { listen, disabled: true })).toEqual(['live']);
    expect(pool.get('a')?.state).toBe('stopped');
    expect(pool.get('a')?.isError()).toBe(false);
  });

  it('listens again for a server whose listener had died', async () => {
    const pool = await opened.started(on('a'));
    const server = pool.get('a');
    server?.listener?.die(new Error('gone'));
    expect(server?.state).toBe('failed');
    expect(await change(pool, { handlerKey: 'second' })).toEqual(['live']);
    expect(server?.state).toBe('running');
    expect(await text(server?.url)).toBe('second');
  });
});
