/**
 * Every block of TypeScript in README.md and docs/*.md runs here. A block names its file in the line
 * above it (`<!-- file: health/app.module.ts -->`). The blocks are written as those files, checked
 * by the compiler, imported, and each is driven over real connections by the driver of its name in
 * drivers.ts. A block without a driver fails, and so does a driver without a block. See
 * support/generated.ts for the few changes made to a block: no fixed ports, and files that exist.
 */
import { Logger, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PoolConfig } from 'nestjs-http-pool';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { drivers } from './drivers.js';
import { codeBlocks, pages } from './support/code-blocks.js';
import { forTest, GeneratedFiles } from './support/generated.js';
import { Stage } from './support/stage.js';

Logger.overrideLogger(false);
jest.setTimeout(30_000);

const documents = pages();
const blocks = [...documents].flatMap(([page, markdown]) => codeBlocks(page, markdown));

describe('the code of the documents', () => {
  let files: GeneratedFiles;
  let stage: Stage | undefined;
  beforeAll(async () => {
    files = await GeneratedFiles.write(blocks);
    const create = NestFactory.create.bind(NestFactory);
    jest.spyOn(NestFactory, 'create').mockImplementation((async (...args: [Type]) => {
      const app = await create(...args);
      stage?.add(app);
      return app;
    }) as never);
  });
  afterEach(() => stage?.opened.closeAll());
  afterAll(() => files?.remove());

  it.each(blocks)('does what it says: $file ($at)', async ({ file, at }) => {
    const drive = drivers[file];
    if (!drive) throw new Error(`${at}: '${file}' has no driver in drivers.ts`);
    stage = new Stage(files, file);
    await drive(stage);
  });

  it('has each file once, and each driver its block', () => {
    expect(blocks.map(({ file }) => file).sort()).toEqual(Object.keys(drivers).sort());
  });

  it('passes the compiler', async () => {
    expect(await files.typeErrors()).toBe('');
  });

  it('is run without fixed ports', () => {
    for (const { code } of blocks)
      expect(forTest(code, '.')).not.toMatch(/listen\W+[^'\n]*:\d{2,5}'/);
  });
});

describe('a block that would escape the tests', () => {
  it.each([
    ['without a file', '```ts\nconst a = 1;\n```', /page\.md:1: say in the line above/],
    ['of no language', 'text\n```\nconst a = 1;\n```', /page\.md:2: a block of ''/],
    ['without an end', '```ts\nconst a = 1;', /page\.md:1: the block has no end/],
  ])('is refused: %s', (_what, markdown, message) => {
    expect(() => codeBlocks('page.md', markdown)).toThrow(message);
  });
});

describe('the error that docs/configuration.md shows', () => {
  it('is what such a config gives', () => {
    const { message = '' } =
      new PoolConfig([
        { name: 'public', listen: 'nowhere' },
        { name: 'admin', listen: '127.0.0.1:70000' },
      ]).validate() ?? {};
    const page = documents.get('docs/configuration.md')!;
    const [, shown] = page.match(/```text\n([^`]*servers\[0\][^`]*)\n```/)!;
    expect(shown).toBe(message);
  });
});
