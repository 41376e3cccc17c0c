import { Controller, Get, Post, type INestApplication } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule } from 'nestjs-http-pool';
import { platforms } from '../support/adapters.js';
import { FeatureApps, type FeatureApp } from '../support/feature-app.js';
import { Logs } from '../support/logs.js';

@Controller()
class FormsController {
  @Get('form')
  form(): string {
    return 'form';
  }

  @Post('form')
  sent(): string {
    return 'sent';
  }

  @Post('hook')
  hook(): string {
    return 'hooked';
  }
}

type Setup = (app: any) => unknown;

const feature = (setup: Setup) =>
  HttpPoolModule.forFeature({
    server: 'admin',
    controllers: [FormsController],
    setup: (app: INestApplication) => void setup(app),
  });

const headers: Setup = (app) => app.useSecurityHeaders();
const protection: Setup = (app) => app.enableCsrfProtection({ exclude: ['hook'] });
const nothing: Setup = () => undefined;

/** Of Nest 12. */
const ways: [name: string, prepare: Setup, setup: Setup][] = [
  ['by the application', (app) => headers(protection(app)), nothing],
  ['by setup', nothing, (app) => headers(protection(app))],
  ['one by the application and one by setup', protection, headers],
  ['one by the application and the other by setup', headers, protection],
];

describe.each(platforms)('headers and protection of Nest on $name', (platform) => {
  const opened = new FeatureApps(platform);
  afterEach(() => opened.closeAll());

  const foreign = { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } };
  const statusOf = async ({ get }: FeatureApp, path: string) =>
    (await get('admin', path, foreign)).status;

  it.each(ways)('hold on a server with controllers, set %s', async (_name, prepare, setup) => {
    let isThere = true;
    const started = await opened.start({
      imports: [feature((app) => isThere && setup(app))],
      prepare: (app) => {
        isThere = 'enableCsrfProtection' in app;
        if (isThere) prepare(app);
      },
    });
    if (!isThere) return;
    const form = await started.get('admin', '/form');
    expect(form.headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(await statusOf(started, '/form')).toBe(403);
    expect(await statusOf(started, '/hook')).toBe(201);
  });

  it('are named by no warning, nor is what Nest adds for an option of its own', async () => {
    const logger = new Logs();
    await opened.start({
      imports: [feature(nothing)],
      options: { logger, forceCloseConnections: true },
    });
    expect(logger.lines('HttpPool', 'warn')).toEqual([]);
  });
});
