import { Readable } from 'node:stream';
import {
  Controller,
  Get,
  Header,
  HttpCode,
  HttpStatus,
  InternalServerErrorException,
  Post,
  Query,
  Redirect,
  Req,
  Res,
  Sse,
  StreamableFile,
} from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { map, of, timer } from 'rxjs';
import { platforms } from '../support/adapters.js';
import { BOTH, FeatureApps } from '../support/feature-app.js';

/** The part that the responses of Express and Fastify have in common. */
interface CommonResponse {
  status(code: number): CommonResponse;
  header(name: string, value: string): CommonResponse;
  send(body: unknown): void;
}

@Controller()
class AnswersController {
  @Sse('events')
  events() {
    return of({ data: 'one', id: '1' }, { data: { two: 2 }, type: 'named' });
  }

  @Sse('endless')
  endless() {
    return timer(0, 1).pipe(map((count) => ({ data: `number ${count}` })));
  }

  @Get('file')
  file(): StreamableFile {
    const stream = Readable.from([Buffer.from('con'), Buffer.from('tent')]);
    return new StreamableFile(stream, { type: 'text/plain', disposition: 'inline', length: 7 });
  }

  @Get('file/broken')
  broken(): StreamableFile {
    const stream = new Readable({ read: () => stream.destroy(new Error('gone')) });
    return new StreamableFile(stream);
  }

  @Get('raw')
  raw(@Res() response: CommonResponse): void {
    response.status(202).header('x-raw', 'yes').send('raw');
  }

  @Get('passthrough')
  passthrough(@Res({ passthrough: true }) response: CommonResponse): object {
    response.status(203).header('x-raw', 'yes');
    return { through: true };
  }

  @Get('redirect')
  @Redirect('/file', HttpStatus.TEMPORARY_REDIRECT)
  redirect(): void {}

  @Get('query')
  @Header('x-set', 'yes')
  query(@Query() query: object, @Req() request: { url: string }): object {
    return { ...query, url: request.url };
  }

  @Post('nothing')
  @HttpCode(204)
  nothing(): void {}

  @Get('fails')
  fails(): never {
    throw new InternalServerErrorException({ code: 7 });
  }

  @Get('fails/unknown')
  failsUnknown(): never {
    throw new Error('a secret');
  }
}

describe.each(platforms)('the answers of forFeature on $name', (platform) => {
  const opened = new FeatureApps(platform);
  afterEach(() => opened.closeAll());

  /** Asks both servers; the answer that both gave, without what belongs to the moment. */
  const ask = async (path: string, init?: RequestInit) => {
    const { get } = await opened.start({ both: [AnswersController] });
    const answers: { status: number; headers: Record<string, string>; body: string }[] = [];
    for (const server of BOTH) {
      const answer = await get(server, path, { redirect: 'manual', ...init });
      const { date: _date, ...headers } = Object.fromEntries(answer.headers);
      answers.push({ status: answer.status, headers, body: await answer.text() });
    }
    expect(answers[1]).toEqual(answers[0]);
    return answers[1]!;
  };

  it('may be events', async () => {
    const { headers, body } = await ask('/events');
    expect(headers['content-type']).toContain('text/event-stream');
    expect(body.trim().split('\n\n')).toEqual([
      'id: 1\ndata: one',
      expect.stringContaining('named'),
    ]);
  });

  it('may be events without an end, which the client ends', async () => {
    const { get } = await opened.start({ both: [AnswersController] });
    for (const server of BOTH) {
      const abort = new AbortController();
      const answer = await get(server, '/endless', { signal: abort.signal });
      let received = '';
      for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
        received += chunk;
        if (received.includes('data: number 2')) break;
      }
      abort.abort();
      expect(received).toContain('data: number 1');
    }
  });

  it('may be files', async () => {
    const { headers, body } = await ask('/file');
    expect(headers).toMatchObject({
      'content-type': 'text/plain',
      'content-disposition': 'inline',
      'content-length': '7',
    });
    expect(body).toBe('content');
  });

  it('may be files that fail', async () => {
    expect((await ask('/file/broken')).status).toBeGreaterThanOrEqual(400);
  });

  it('may be given to the response itself', async () => {
    expect(await ask('/raw')).toMatchObject({
      status: 202,
      headers: { 'x-raw': 'yes' },
      body: 'raw',
    });
    expect(await ask('/passthrough')).toMatchObject({
      status: 203,
      headers: { 'x-raw': 'yes' },
      body: '{"through":true}',
    });
  });

  it('may be redirects, codes and headers', async () => {
    expect(await ask('/redirect')).toMatchObject({ status: 307, headers: { location: '/file' } });
    expect(await ask('/nothing', { method: 'POST' })).toMatchObject({ status: 204, body: '' });
    const { headers, body } = await ask('/query?a=1&b=2');
    expect(headers['x-set']).toBe('yes');
    expect(JSON.parse(body)).toEqual({ a: '1', b: '2', url: '/query?a=1&b=2' });
  });

  it('may be errors', async () => {
    expect(await ask('/fails')).toMatchObject({ status: 500, body: '{"code":7}' });
    const unknown = await ask('/fails/unknown');
    expect(unknown.status).toBe(500);
    expect(unknown.body).not.toContain('secret');
  });

  it('have the HEAD of a GET', async () => {
    expect(await ask('/query', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });
});
