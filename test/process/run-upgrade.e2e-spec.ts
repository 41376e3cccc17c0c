import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Ledger } from '../../lib/process/prove/ledger.js';
import { Load } from '../../lib/process/prove/load.js';
import { findRoles } from '../../lib/process/prove/probe.js';
import { targetsOf } from '../../lib/process/prove/target.js';
import { localhost } from '../support/certificates.js';
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

  it('loses no request over TLS and HTTP/2, where connections leave with an answer', async () => {
    const entry = new URL('../upgrade/secure.mjs', import.meta.url).pathname;
    supervised = new Supervised(entry, { args: [localhost.cert, localhost.key] });
    const listens = ['http1', 'http2'].map((name) => supervised!.line(`${name} listens on`));
    await supervised.ready();
    const urls = (await Promise.all(listens)).map((line) => new URL(line.split(' ').at(-1)!));
    const targets = (await Promise.all(urls.map(targetsOf))).flat();
    // Those take two seconds for an answer.
    const without = new Set(['slow-reader', 'h2-slow-reader'] as const);
    const stages = await Promise.all(targets.map((target) => findRoles(target, without)));
    expect(stages[1]?.roles).toContain('h2');
    const ledger = new Ledger();
    const load = new Load(stages, 12, ledger, (error) => (ledger.ownFault = error as Error));
    for (let count = 0; count < 3; count += 1) {
      const left = supervised.line('has left');
      await supervised.upgraded();
      await left;
    }
    await load.stop();
    expect([...ledger.kinds.keys()]).toEqual([]);
    expect(ledger.ownFault).toBeUndefined();
    expect(ledger.answered).toBeGreaterThan(100);
    expect(await supervised.stop()).toBe(0);
  });
});
