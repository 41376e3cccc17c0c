import { afterEach, describe, expect, it } from '@jest/globals';
import { gate } from '../support/events.js';
import { held, LOOPBACK } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

describe('a stop behind a change that waits for one that stops the server', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('stops what was started in between', async () => {
    const { handler, entered, release } = held('late');
    const pool = opened.pool({ handlers: () => ({ default: handler }) });
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    const answer = text(server.url);
    await entered.opened;
    const drains = gate();
    pool.events$.subscribe(({ state }) => state === 'draining' && drains.open());
    const disabled = server.setConfig({ name: 'a', listen: LOOPBACK, disabled: true });
    await drains.opened;
    const enabled = server.setConfig({ name: 'a', listen: LOOPBACK });
    const started = server.start().catch(() => undefined);
    const changed = server.setConfig({ name: 'a', listen: LOOPBACK, readTimeout: 9000 });
    const stopped = server.stop();
    release.open();
    await Promise.allSettled([answer, disabled, enabled, started, changed, stopped]);
    await changed;
    await stopped;
    expect(server.state).toBe('stopped');
  });
});
