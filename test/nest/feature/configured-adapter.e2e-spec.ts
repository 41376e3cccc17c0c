import { Controller, Get, Inject, Module, Post, type Type } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import { HttpPoolModule } from 'nestjs-http-pool';
import { platforms } from '../support/adapters.js';
import { FeatureApps, json } from '../support/feature-app.js';
import { Logs } from '../support/logs.js';

@Controller()
class DoorController {
  @Get('door')
  door(): string {
    return 'open';
  }

  @Post('door')
  knock(): string {
    return 'open';
  }
}

const feature = (inherit: boolean) =>
  HttpPoolModule.forFeature({ server: 'admin', controllers: [DoorController], inherit });

interface Answered {
  statusCode: number;
  end(text?: string): void;
}

function shut(_request: unknown, response: Answered): void {
  response.statusCode = 401;
  response.end();
}

/** A module that does this to the adapter when Nest asks it for its middleware. */
function configuring(configure: (adapter: any) => unknown): Type {
  @Module({})
  class Configuring {
    constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}
    configure(): unknown {
      return configure(this.host.httpAdapter);
    }
  }
  return Configuring;
}

/** The same behind a turn of the event loop, when all others are done. */
const late = (configure: (adapter: any) => unknown): Type =>
  configuring(async (adapter) => {
    await new Promise(setImmediate);
    configure(adapter);
  });

const ways = [
  ['at once', configuring],
  ['when all others have', late],
] as const;

describe.each(platforms)(
  'what a module does to the adapter in configure() on $name',
  (platform) => {
    const opened = new FeatureApps(platform);
    afterEach(() => opened.closeAll());

    it.each(ways)('holds on all servers, done %s', async (_name, how) => {
      const { get } = await opened.start({
        imports: [feature(false), how((adapter) => adapter.use(shut))],
      });
      for (const server of ['public', 'admin'])
        expect((await get(server, '/door')).status).toBe(401);
    });

    it.each(ways)('holds on a path where a server inherits, done %s', async (_name, how) => {
      const door = how((adapter) => adapter.use('/door', shut));
      const { get } = await opened.start({ imports: [feature(true), door] });
      expect((await get('admin', '/door')).status).toBe(401);
      const logger = new Logs();
      const without = await opened.start({ imports: [feature(false), door], options: { logger } });
      expect(await without.text('admin', '/door')).toBe('open');
      expect(logger.lines('HttpPool', 'warn').join()).toContain("'admin' does not have");
      expect(logger.lines('HttpPool', 'warn').join()).toContain('/door');
    });
  },
);

describe('body parsers in front of middleware on a path', () => {
  const opened = new FeatureApps(platforms[0]!);
  afterEach(() => opened.closeAll());

  const guard = (
    request: { body?: { evil?: boolean } },
    response: Answered,
    next: () => void,
  ): void => (request.body?.evil === true ? shut(request, response) : next());

  it.each([true, false])('are there where a server inherits (%s)', async (inherit) => {
    const logger = new Logs();
    const { get } = await opened.start({
      imports: [feature(inherit)],
      prepare: (app) => app.use(express.json()).use('/door', guard),
      options: { logger },
    });
    const statusOf = async (server: string, evil: boolean) =>
      (await get(server, '/door', json({ evil }))).status;
    expect(await statusOf('public', true)).toBe(401);
    expect(await statusOf('admin', true)).toBe(inherit ? 401 : 201);
    expect(await statusOf('admin', false)).toBe(201);
    const [warning = ''] = logger.lines('HttpPool', 'warn');
    expect(warning.includes('guard')).toBe(!inherit);
    expect(warning).not.toContain('jsonParser');
  });

  it('are there where a module mounts it in configure()', async () => {
    const mounting = configuring((adapter) => adapter.use('/door', guard));
    const { get } = await opened.start({ imports: [feature(true), mounting] });
    expect((await get('admin', '/door', json({ evil: true }))).status).toBe(401);
    expect((await get('admin', '/door', json({ evil: false }))).status).toBe(201);
  });
});

describe('what a module adds behind the body parsers in configure()', () => {
  const opened = new FeatureApps(platforms[0]!);
  afterEach(() => opened.closeAll());

  it.each([true, false])(
    'stays behind those of setup, where a server inherits (%s)',
    async (inherit) => {
      const bodies: unknown[] = [];
      const note = (
        request: { body?: { text: string } },
        _response: unknown,
        next: () => void,
      ): void => {
        bodies.push(request.body?.text.length);
        next();
      };
      const { get } = await opened.start({
        imports: [
          HttpPoolModule.forFeature({
            server: 'admin',
            controllers: [DoorController],
            inherit,
            setup: (app) => void (app as any).useBodyParser('json', { limit: '1mb' }),
          }),
          configuring((adapter) => adapter.use(note)),
        ],
      });
      const text = 'x'.repeat(200_000);
      const answer = await get('admin', '/door', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text }),
      });
      expect(answer.status).toBe(201);
      expect(bodies).toEqual([text.length]);
    },
  );
});
