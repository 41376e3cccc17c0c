import { Body, Controller, Post, Req } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule } from 'nestjs-http-pool';
import { platforms } from '../support/adapters.js';
import { BOTH, FeatureApps, json } from '../support/feature-app.js';

@Controller()
class EchoController {
  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return body;
  }
}

describe.each(platforms)('bodies and forFeature on $name', (platform) => {
  const { name } = platform;
  const opened = new FeatureApps(platform);
  afterEach(() => opened.closeAll());

  it('are parsed', async () => {
    const { get, text } = await opened.start({ both: [EchoController] });
    for (const server of BOTH) {
      expect(await text(server, '/echo', json({ a: [1] }))).toBe('{"a":[1]}');
      const form = { method: 'POST', body: new URLSearchParams({ a: 'b' }) };
      expect(await text(server, '/echo', form)).toBe('{"a":"b"}');
      expect((await get(server, '/echo', { ...json({}), body: '{' })).status).toBe(400);
    }
  });

  it('have the parsers of the application', async () => {
    @Controller()
    class RawController {
      @Post('raw')
      raw(@Req() request: { rawBody?: Buffer; body: unknown }): string {
        return request.rawBody?.toString() ?? 'none';
      }
    }
    const raw = await opened.start({ both: [RawController], options: { rawBody: true } });
    for (const server of BOTH) {
      expect(await raw.text(server, '/raw', json({ a: 1 }))).toBe('{"a":1}');
    }
    const limited = await opened.start({
      both: [EchoController],
      prepare: (app) => {
        const limit = 50;
        if (name === 'express') (app as any).useBodyParser('json', { limit });
        else (app as any).useBodyParser('application/json', { bodyLimit: limit });
      },
    });
    for (const server of BOTH) {
      expect((await limited.get(server, '/echo', json({ a: 1 }))).status).toBe(201);
      expect((await limited.get(server, '/echo', json('x'.repeat(100)))).status).toBe(413);
    }
  });

  it('have the parsers of the server before those of the application', async () => {
    const setup = (app: any): void => {
      if (name === 'express') app.useBodyParser('json', { limit: 200 });
      else app.useBodyParser('application/json', { bodyLimit: 200 });
    };
    const { get } = await opened.start({
      imports: [HttpPoolModule.forFeature({ server: 'ops', controllers: [EchoController], setup })],
      both: [EchoController],
    });
    const large = json({ large: 'x'.repeat(300) });
    expect((await get('ops', '/echo', large)).status).toBe(413);
    expect((await get('admin', '/echo', large)).status).toBe(201);
    expect((await get('public', '/echo', large)).status).toBe(201);
    const form = { method: 'POST', body: new URLSearchParams({ a: 'b' }) };
    expect(await (await get('ops', '/echo', form)).text()).toBe('{"a":"b"}');
  });

  it('are left alone where the application leaves them', async () => {
    @Controller()
    class StreamController {
      @Post('stream')
      stream(@Req() request: { body?: unknown }): string {
        return typeof request.body;
      }
    }
    const { get, text } = await opened.start({
      both: [StreamController],
      options: { bodyParser: false },
    });
    const form = { method: 'POST', body: new URLSearchParams({ a: 'b' }) };
    const answers = await Promise.all(
      BOTH.map(async (server) => [
        (await get(server, '/stream', form)).status,
        await text(server, '/stream', json({})),
      ]),
    );
    expect(answers[1]).toEqual(answers[0]);
  });
});
