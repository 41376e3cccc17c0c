import { join } from 'node:path';
import { io } from 'socket.io-client';
import { expect } from '@jest/globals';
import { PooledServer } from 'nestjs-http-pool';
import { urlOf } from '../nest/support/adapters.js';
import { collecting } from '../metrics/support/collecting.js';
import { ask, text } from '../support/http-client.js';
import type { Stage } from './support/stage.js';

/** Drivers for the blocks of the pages in docs/; by the block's file, as in drivers.ts. */
export const pageDrivers: Record<string, (stage: Stage) => Promise<void>> = {
  'websockets/app.module.ts': async (stage) => {
    await stage.onEachPlatform(await stage.load(), async (app) => {
      for (const server of ['public', 'internal']) {
        const client = io(urlOf(app, server), { forceNew: true, reconnection: false });
        stage.opened.onClose(() => client.disconnect());
        const said = new Promise((resolve) => client.once('said', resolve));
        client.emit('say', 'hello');
        expect(await said).toBe(`hello on ${server}`);
      }
    });
  },

  'management/app.module.ts': async (stage) => {
    await stage.onEachPlatform(await stage.load(), async (app) => {
      const paths = ['/livez', '/startupz', '/readyz', '/health', '/info', '/servers'];
      for (const path of paths)
        expect((await ask(urlOf(app, 'management', path))).status).toBe(200);
      expect((await ask(urlOf(app, 'public', '/livez'))).status).toBe(404);
    });
  },

  'management/options.module.ts': async (stage) => {
    await stage.onEachPlatform(await stage.load(), async (app) => {
      expect(JSON.parse(await text(urlOf(app, 'management', '/info')))).toMatchObject({
        build: 'a1b2c3',
        node: process.version,
      });
      expect(await text(urlOf(app, 'management', '/flags'))).toBe('{"darkMode":true}');
      expect((await ask(urlOf(app, 'public', '/flags'))).status).toBe(404);
    });
  },

  'dashboard/app.module.ts': async (stage) => {
    await stage.onEachPlatform(await stage.load(), async (app) => {
      expect(await text(urlOf(app, 'management', '/'))).toContain('<title>Servers');
      const stop = async (password: string): Promise<number> => {
        const authorization = `Basic ${Buffer.from(`ops:${password}`).toString('base64')}`;
        const headers = { authorization, 'content-type': 'application/json' };
        const body = '{"action":"stop","server":"public"}';
        const url = urlOf(app, 'management', '/dashboard/action');
        return (await ask(url, { method: 'POST', headers, body })).status;
      };
      expect(await stop('guessed')).toBe(403);
      expect((await ask(urlOf(app, 'public'))).status).toBe(200);
      expect(await stop('from-a-secret-store')).toBe(200);
    });
  },

  'metrics/app.module.ts': async (stage) => {
    await stage.onEachPlatform(await stage.load(), async (app) => {
      await ask(urlOf(app, 'public'));
      const { headers, body } = await ask(urlOf(app, 'management', '/metrics'));
      expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(body).toMatch(/^http_server_request_duration_seconds_count\{server="public",.*\} 1$/m);
    });
  },

  'metrics/registry.module.ts': async (stage) => {
    await stage.onEachPlatform(await stage.load(), async (app) => {
      await ask(urlOf(app, 'public'));
      const body = await text(urlOf(app, 'internal', '/metrics'));
      expect(body).toMatch(/_count\{server="public",.*app="shop"\} 1$/m);
      expect(body).toMatch(/_bucket\{le="0.1",server="public",.*\} 1$/m);
    });
  },

  'metrics/meter.module.ts': async (stage) => {
    const { metrics } = await import('@opentelemetry/api');
    const { exporter, provider } = collecting();
    metrics.setGlobalMeterProvider(provider);
    stage.opened.onClose(() => metrics.disable());
    await stage.onEachPlatform(await stage.load(), async (app) => {
      await ask(urlOf(app, 'public'));
      await provider.forceFlush();
      const names = exporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
        .map(({ descriptor }) => descriptor.name);
      expect(names).toContain('http.server.request.duration');
      expect(names).toContain('http.pool.connections.accepted');
    });
  },

  'diagnostics/slow-requests.ts': async (stage) => {
    const { watchSlowRequests } = await stage.load();
    const told: string[] = [];
    stage.opened.onClose(watchSlowRequests(-1, (text: string) => told.push(text)));
    const server = PooledServer.create(
      { name: 'watched', listen: '127.0.0.1:0' },
      { handlers: () => ({ default: (_request, response) => void response.end() }) },
    );
    await server.start();
    stage.opened.onClose(() => server.stop());
    while (!told.includes('watched: GET /slow')) await ask(`${server.url}/slow`);
  },

  'several/app.module.ts': async (stage) => {
    const folder = await stage.opened.folder();
    process.env.RUNTIME_DIRECTORY = folder;
    const block = await stage.load().finally(() => delete process.env.RUNTIME_DIRECTORY);
    await stage.onEachPlatform(block, async (app) => {
      const redirect = await ask(urlOf(app, 'http', '/who?a=b'));
      const { location } = redirect.headers;
      expect([redirect.status, location]).toEqual([301, 'https://www.example.com/who?a=b']);
      const https = JSON.parse(await text(urlOf(app, 'https', '/who')));
      const seen = { server: 'https', protocol: 'https', ip: '127.0.0.1', hostname: '127.0.0.1' };
      expect(https).toEqual(seen);
      const local = await text('http://localhost/who', { socketPath: join(folder, 'app.sock') });
      const expected = { server: 'local', protocol: 'http', hostname: 'localhost' };
      expect(JSON.parse(local)).toEqual(expected);
    });
  },
};
