import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, jest } from '@jest/globals';
import { PoolService } from 'nestjs-http-pool';
import { platforms, urlOf } from '../nest/support/adapters.js';
import { allowRequire } from '../nest/support/allow-require.js';
import { ask, text } from '../support/http-client.js';
import type { Stage } from './support/stage.js';

const statusOf = async (url: string, headers?: Record<string, string>): Promise<number> =>
  (await ask(url, { headers })).status;

/** The application of a block that is for one adapter and serves a folder of files. */
async function onOnly(name: 'express' | 'fastify', stage: Stage) {
  const { AppModule, assets } = await stage.load();
  await mkdir(assets, { recursive: true });
  await writeFile(join(assets, 'page.txt'), 'a page');
  const app = await platforms.find((platform) => platform.name === name)!.create(AppModule);
  stage.opened.onClose(() => app.close());
  return app.init();
}

/** Drivers for the pages on `forFeature`; by the block's file, as in drivers.ts. */
export const featureDrivers: Record<string, (stage: Stage) => Promise<void>> = {
  'third-party/prometheus.module.ts': async (stage) => {
    await allowRequire('@nestjs/common', '@willsoto/nestjs-prometheus');
    await stage.onEachPlatform(await stage.load(), async (app) => {
      expect(await text(urlOf(app, 'metrics', '/metrics'))).toContain('process_cpu_user_seconds');
      expect(await statusOf(urlOf(app, 'public', '/metrics'))).toBe(404);
    });
  },

  'third-party/board.module.ts': async (stage) => {
    process.env.BOARD_KEY = 'sesame';
    stage.opened.onClose(() => delete process.env.BOARD_KEY);
    const app = await onOnly('express', stage);
    const headers = { 'x-key': 'sesame' };
    const board = await ask(urlOf(app, 'admin', '/queues'), { headers });
    expect(board.body).toContain('<title>Bull Dashboard</title>');
    const queues = await ask(urlOf(app, 'admin', '/queues/api/queues'), { headers });
    expect(JSON.parse(queues.body)).toMatchObject({ queues: [] });
    expect(await statusOf(urlOf(app, 'admin', '/queues'))).toBe(401);
    expect(await statusOf(urlOf(app, 'public', '/queues'), headers)).toBe(404);
    expect(await text(urlOf(app, 'admin', '/assets/page.txt'))).toBe('a page');
    expect(await statusOf(urlOf(app, 'public', '/assets/page.txt'))).toBe(404);
  },

  'third-party/plugins.module.ts': async (stage) => {
    await allowRequire('content-disposition', '@fastify/static');
    const app = await onOnly('fastify', stage);
    const body = new FormData();
    body.set('file', new Blob(['content']), 'note.txt');
    const upload = { method: 'POST', body };
    const answer = await fetch(urlOf(app, 'admin', '/uploads'), upload);
    expect(await answer.json()).toEqual({ name: 'note.txt', bytes: 7 });
    expect(await text(urlOf(app, 'admin', '/assets/page.txt'))).toBe('a page');
    expect(await statusOf(urlOf(app, 'public', '/assets/page.txt'))).toBe(404);
  },

  'third-party/handler.module.ts': async (stage) => {
    await stage.onEachPlatform(await stage.load(), async (app) => {
      expect(await text(urlOf(app, 'board'))).toBe('no jobs');
      expect(await text(urlOf(app, 'public'))).toBe('hello');
    });
  },

  'closed/app.module.ts': async (stage) => {
    await allowRequire('@nestjs/common', '@nestjs/throttler');
    await allowRequire('@nestjs/core', '@nestjs/throttler');
    await stage.onEachPlatform(await stage.load(), async (app) => {
      const status = (name: string) => ask(urlOf(app, name, '/status'));
      const hits = [];
      for (const name of ['admin', 'public', 'admin', 'public']) {
        const { headers, body } = await status(name);
        hits.push([headers['x-cache'], body.length > 4]);
      }
      expect(hits).toEqual([
        ['MISS', true],
        ['MISS', false],
        ['HIT', true],
        ['HIT', false],
      ]);
      const seen = [];
      for (let at = 0; at < 4; at += 1) seen.push((await status('public')).status);
      expect(seen).toEqual([200, 200, 200, 429]);
      expect((await status('internal')).status).toBe(200);
    });
  },

  'swagger/app.module.ts': async (stage) => {
    await allowRequire('content-disposition', '@fastify/static');
    await stage.onEachPlatform(await stage.load(), async (app) => {
      const { paths } = JSON.parse(await text(urlOf(app, 'admin', '/docs-json')));
      expect(Object.keys(paths)).toEqual(['/users']);
      expect(await text(urlOf(app, 'admin', '/docs'))).toContain('swagger-ui');
      expect(await statusOf(urlOf(app, 'public', '/docs-json'))).toBe(404);
    });
  },

  'swagger/main.ts': async (stage) => {
    await stage.load();
    const { paths } = JSON.parse(await text(urlOf(stage.app, 'public', '/docs-json')));
    expect(Object.keys(paths)).toEqual(['/']);
    expect(JSON.parse(await text(urlOf(stage.app, 'admin', '/docs-json'))).info.title).toBe(
      'Admin',
    );
  },

  'testing/app.module.ts': async (stage) => {
    await stage.onEachPlatform(await stage.load(), async (app) => {
      expect(JSON.parse(await text(urlOf(app, 'admin', '/now'))).now).toMatch(/^\d{4}-/);
      expect(await statusOf(urlOf(app, 'public', '/now'))).toBe(404);
    });
  },

  // They are tests themselves.
  'testing/app.test.ts': async (stage) => void (await stage.load()),
  'testing/two.test.ts': async (stage) => {
    const assert = jest.spyOn(console, 'assert');
    const { apps } = await stage.load();
    expect(assert).toHaveBeenCalledWith(true);
    assert.mockRestore();
    for (const app of apps) expect(app.get(PoolService).isRunning()).toBe(false);
  },
};
