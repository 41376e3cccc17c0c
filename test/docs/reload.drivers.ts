import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PoolService } from 'nestjs-http-pool';
import { expect } from '@jest/globals';
import { urlOf } from '../nest/support/adapters.js';
import { gate } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import type { Stage } from './support/stage.js';

/** The drivers of docs/reload.md. */
export const reloadDrivers: Record<string, (stage: Stage) => Promise<void>> = {
  'reload/app.module.ts': async (stage) => {
    const block = await stage.load();
    const { file, Reload } = block;
    const before = await readFile(file, 'utf8');
    await stage.onEachPlatform(block, async (app) => {
      const pool = app.get(PoolService);
      const reload = async (content: string): Promise<string[]> => {
        await writeFile(file, content);
        process.emit('SIGHUP');
        // Waits for the one before it.
        await app.get(Reload).reload();
        return [...pool].map(({ name }) => name);
      };
      try {
        expect(await reload('[{')).toEqual(['one', 'two']);
        const list = ['two', 'three'].map((name) => ({ name, listen: LOOPBACK }));
        expect(await reload(JSON.stringify(list))).toEqual(['two', 'three']);
        expect(await text(urlOf(app, 'three'))).toBe('hello');
      } finally {
        await writeFile(file, before);
      }
    });
    expect(process.listenerCount('SIGHUP')).toBe(0);
  },

  'reload/watch-file.ts': async (stage) => {
    const { watchFile } = await stage.load();
    const file = join(await stage.opened.folder(), 'servers.json');
    const seen = gate();
    const controller = new AbortController();
    const watching = watchFile(file, async () => seen.open(), controller.signal);
    await writeFile(file, '[]');
    await seen.opened;
    controller.abort();
    await watching;
  },
};
