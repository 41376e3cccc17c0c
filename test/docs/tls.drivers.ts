import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { PoolService } from 'nestjs-http-pool';
import { urlOf } from '../nest/support/adapters.js';
import { client, localhost, renewed, type KeyPair } from '../support/certificates.js';
import { ask, text } from '../support/http-client.js';
import { Http2Client } from '../support/http2-client.js';
import type { Stage } from './support/stage.js';

/** Puts a pair into a folder as Kubernetes does: a folder of its own, and a link that is swapped. */
async function swap(folder: string, version: string, { cert, key }: KeyPair): Promise<void> {
  await mkdir(join(folder, version));
  await writeFile(join(folder, version, 'tls.crt'), cert);
  await writeFile(join(folder, version, 'tls.key'), key);
  await symlink(version, join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
}

/** The drivers of docs/tls.md. */
export const tlsDrivers: Record<string, (stage: Stage) => Promise<void>> = {
  'tls/public.module.ts': async (stage) => {
    await stage.onEachPlatform(await stage.load(), async (app) => {
      const { url, expose } = app.get(PoolService).get('https')!;
      expect(expose).toBe('https://www.example.com');
      const session = await Http2Client.connect(url!);
      expect((await session.ask('/')).body).toBe('hello');
      await session.close();
      expect(await text(url)).toBe('hello');
    });
  },

  'tls/redirect.module.ts': async (stage) => {
    await stage.onEachPlatform(await stage.load(), async (app) => {
      const answers = ['GET', 'POST'].map((method) => ask(urlOf(app, 'http', '/a?b'), { method }));
      for (const [index, status] of [301, 308].entries()) {
        const { headers, ...answer } = await answers[index]!;
        expect([answer.status, headers.location]).toEqual([status, 'https://www.example.com/a?b']);
      }
      expect(await text(urlOf(app, 'https'))).toBe('hello');
    });
  },

  'tls/admin.module.ts': async (stage) => {
    await stage.onEachPlatform(await stage.load(), async (app) => {
      const who = urlOf(app, 'admin', '/admin/who');
      expect(await text(who, client)).toBe('client.test');
      await expect(text(who)).rejects.toMatchObject({ code: expect.any(String) });
      expect((await ask(urlOf(app, 'public', '/admin/who'))).status).toBe(404);
    });
  },

  'tls/renewed.module.ts': async (stage) => {
    const folder = await stage.opened.folder();
    await swap(folder, '..1', localhost);
    for (const name of ['tls.crt', 'tls.key']) await symlink(`..data/${name}`, join(folder, name));
    process.env.CERTIFICATES = folder;
    const block = await stage.load().finally(() => delete process.env.CERTIFICATES);
    let version = 1;
    await stage.onEachPlatform(block, async (app) => {
      const names = (): readonly string[] =>
        app.get(PoolService).stats().servers[0]!.certificates![0]!.names;
      for (const pair of [renewed, localhost]) {
        version += 1;
        await swap(folder, `..${version}`, pair);
        while (names().includes('renewed.test') !== (pair === renewed))
          expect(await text(urlOf(app, 'https'))).toBe('hello');
      }
    });
  },
};
