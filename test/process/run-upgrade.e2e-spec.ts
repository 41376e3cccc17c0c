import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { application, Supervised } from './support/supervised.js';
import { StrictClients } from './support/strict-clients.js';

// Each start of a process takes seconds on a busy machine.
jest.setTimeout(180_000);

describe('an upgrade under load', () => {
  let supervised: Supervised | undefined;
  afterEach(async () => {
    await supervised?.kill();
    await StrictClients.endAll();
  });

  it('loses no request of clients who retry nothing, and keeps the port that the system chose', async () => {
    supervised = new Supervised(application('plain.mjs'));
    const listens = supervised.line('listens on');
    await supervised.ready();
    const url = `http://127.0.0.1:${(await listens).split(' ').at(-1)}`;
    const clients = new StrictClients(url);
    for (let count = 0; count < 5; count += 1) {
      await clients.answeredByMany(count + 1);
      await supervised.upgraded();
    }
    await clients.answeredByMany(6);
    await clients.end();
    expect(clients.failures).toEqual([]);
    expect(await supervised.stop()).toBe(0);
  });
});
