import { expect } from '@jest/globals';
import { urlOf } from '../nest/support/adapters.js';
import { text } from '../support/http-client.js';
import { Http2Client } from '../support/http2-client.js';
import type { Stage } from './support/stage.js';

/** Drivers for the blocks of docs/http2.md; by the block's file, as in drivers.ts. */
export const http2Drivers: Record<string, (stage: Stage) => Promise<void>> = {
  'http2/app.module.ts': async (stage) => {
    await stage.onEachPlatform(await stage.load(), async (app) => {
      for (const [server, protocol] of [
        ['public', 'https'],
        ['behind-a-proxy', 'http'],
      ] as const) {
        const client = await Http2Client.connect(urlOf(app, server));
        const { body } = await client.ask('/');
        await client.close();
        expect(body).toBe(`${protocol} on 127.0.0.1`);
      }
      expect(await text(urlOf(app, 'public'))).toBe('https on 127.0.0.1');
    });
  },

  'http2/plain.ts': async (stage) => {
    const { pool } = await stage.load();
    stage.opened.addPool(pool);
    const asked = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
    };
    for (const [name, counted] of [
      ['plain', undefined],
      ['counted', '1'],
    ]) {
      const client = await Http2Client.connect(pool.get(name).url);
      const { body, headers } = await client.ask('/', asked);
      await client.close();
      expect([body, headers['x-counted']]).toEqual(['{"version":"2.0","body":{"a":1}}', counted]);
    }
  },
};
