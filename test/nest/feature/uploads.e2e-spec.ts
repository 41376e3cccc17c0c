import { Controller, Post, Req, UploadedFile, UseInterceptors } from '@nestjs/common';
import { FileInterceptor } from '@nestjs/platform-express';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import multipart from '@fastify/multipart';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule } from 'nestjs-http-pool';
import { platforms } from '../support/adapters.js';
import { BOTH, FeatureApps } from '../support/feature-app.js';

const [express, fastify] = platforms;

function form(): RequestInit {
  const body = new FormData();
  body.set('title', 'a note');
  body.set('file', new Blob(['content']), 'note.txt');
  return { method: 'POST', body };
}

const uploaded = { name: 'note.txt', content: 'content' };

@Controller('multer')
class MulterController {
  @Post()
  @UseInterceptors(FileInterceptor('file', { limits: { fileSize: 10 } }))
  upload(@UploadedFile() file: { originalname: string; buffer: Buffer }): object {
    return { name: file.originalname, content: file.buffer.toString() };
  }
}

/** What `@fastify/multipart` adds to a request. */
interface MultipartRequest {
  file(): Promise<{ filename: string; toBuffer(): Promise<Buffer> }>;
}

@Controller('plugin')
class PluginController {
  @Post()
  async upload(@Req() request: MultipartRequest): Promise<object> {
    const part = await request.file();
    return { name: part.filename, content: (await part.toBuffer()).toString() };
  }
}

describe('uploads to controllers of forFeature on express', () => {
  const opened = new FeatureApps(express!);
  afterEach(() => opened.closeAll());

  it('are taken by multer', async () => {
    const { get } = await opened.start({ both: [MulterController] });
    for (const server of BOTH) {
      expect(await (await get(server, '/multer', form())).json()).toEqual(uploaded);
      const body = new FormData();
      body.set('file', new Blob(['x'.repeat(11)]), 'large.txt');
      expect((await get(server, '/multer', { method: 'POST', body })).status).toBe(413);
    }
  });
});

describe('uploads to controllers of forFeature on fastify', () => {
  const opened = new FeatureApps(fastify!);
  afterEach(() => opened.closeAll());

  it('are taken by the plugin that setup registers', async () => {
    const { get } = await opened.start({
      imports: [
        HttpPoolModule.forFeature({
          server: 'ops',
          controllers: [PluginController],
          setup: (app) => (app as unknown as FastifyAdapter).register(multipart as never),
        }),
      ],
    });
    expect(await (await get('ops', '/plugin', form())).json()).toEqual(uploaded);
    expect((await get('public', '/plugin', form())).status).not.toBe(201);
  });

  it('are taken by the interceptors of Nest 12, whatever servers they are bound to', async () => {
    // Nest 11 has none.
    const nest12 = await import('@nestjs/platform-fastify/multipart').catch(() => undefined);
    if (nest12 === undefined) return;
    const interceptor = nest12.FileInterceptor('file', { limits: { fileSize: 10 } });
    @Controller('files')
    class FilesController {
      @Post()
      @UseInterceptors(interceptor)
      upload(@UploadedFile() file: { originalname: string; buffer: Buffer }): object {
        return { name: file.originalname, content: file.buffer.toString() };
      }
    }
    const { get } = await opened.start({ both: [FilesController] });
    for (const server of BOTH) {
      expect(await (await get(server, '/files', form())).json()).toEqual(uploaded);
    }
  });
});
