import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from '@jest/globals';
import { DrivenProcess } from '../fuzz/connections/driven-process.js';
import { runConnectionFuzz, startApplication } from '../fuzz/connections/fuzz.js';

/** 100,000 of them, with a look at the memory: `npm run test:fuzz:connections`. */
it('lives through 500 connections of random and half-right bytes, and answers the next request', async () => {
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
  const { faults } = await runConnectionFuzz({ seed, connections: 500 });
  // The seed replays it: `npm run test:fuzz:connections -- --count 500 --seed …`.
  expect({ seed, faults }).toEqual({ seed, faults: [] });
}, 120_000);

/** Of broken sessions. */
const perRound = 200;

it('keeps nothing of HTTP/2 sessions that break off at their first bytes', async () => {
  const driven = new DrivenProcess();
  try {
    const port = (await startApplication(driven)).get('h2c')!;
    const breakOff = async (): Promise<void> => {
      const client = connect(port, '127.0.0.1');
      client.on('error', () => undefined);
      await once(client, 'connect');
      client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await new Promise(setImmediate);
      const closed = once(client, 'close');
      client.destroy();
      await closed;
    };
    const round = async (): Promise<number> => {
      for (let count = 0; count < perRound; count += 1) await breakOff();
      await driven.settled();
      return (await driven.ask('memory')).held;
    };
    const before = await round();
    const growth = (await round()) - before;
    // Each of them held 4 KiB of heap, and 20 KiB beside it.
    expect(growth).toBeLessThan(perRound * 2048);
  } finally {
    await driven.end();
  }
}, 60_000);
