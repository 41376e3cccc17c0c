import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { clientCa, localhost } from '../../support/certificates.js';
import { LOOPBACK } from '../../support/handlers.js';
import type { CodeBlock } from './code-blocks.js';

const ROOT = join(import.meta.dirname, '../../..');
/** Within the repository, for the blocks import its packages. */
const GENERATED = join(import.meta.dirname, '../generated');
const TSC = join(ROOT, 'node_modules/@typescript/native/bin/tsc');

const controller = (name: string, path: string, answer: string): string =>
  `import { Controller, Get } from '@nestjs/common';

@Controller('${path}')
export class ${name} {
  @Get()
  get() {
    return '${answer}';
  }
}
`;

/** What the blocks import and don't show: the controllers of any Nest application. */
const CONTROLLERS = {
  'app.controller.ts': controller('AppController', '', 'hello'),
  'admin.controller.ts': controller('AdminController', 'admin', 'admin'),
};

/**
 * The code blocks as files of this repository, for the tests to import. Each is taken as it stands,
 * but for what a test must not touch: fixed ports become port 0 of the loopback, and the paths
 * `certs/…` and `servers.json` lead to files that are made here.
 */
export class GeneratedFiles {
  private constructor(
    private readonly folder: string,
    private readonly blocks: ReadonlyMap<string, CodeBlock>,
  ) {}

  static async write(blocks: readonly CodeBlock[]): Promise<GeneratedFiles> {
    await mkdir(GENERATED, { recursive: true });
    const folder = await mkdtemp(join(GENERATED, 'run-'));
    const files = new GeneratedFiles(folder, new Map(blocks.map((block) => [block.file, block])));
    await files.put('certs/site.crt', localhost.cert);
    await files.put('certs/site.key', localhost.key);
    await files.put('certs/operators-ca.crt', clientCa.cert);
    const servers = ['one', 'two'].map((name) => ({ name, listen: LOOPBACK }));
    await files.put('servers.json', JSON.stringify(servers));
    const config = { extends: '../../../../tsconfig.json', include: ['.'] };
    await files.put('tsconfig.json', JSON.stringify(config));
    for (const { file, code } of blocks) {
      await files.put(file, forTest(code, folder));
      for (const [name, text] of Object.entries(CONTROLLERS)) {
        await files.put(join(dirname(file), name), text);
      }
    }
    return files;
  }

  /** Imports a block, which runs it. */
  async load(file: string): Promise<any> {
    return import(join(this.folder, file));
  }

  /** Imports a block anew: a module is evaluated once, and this one reads its environment then. */
  async loadAgain(file: string): Promise<any> {
    const copy = file.replace(/\.ts$/, '.again.ts');
    await this.put(copy, forTest(this.blocks.get(file)!.code, this.folder));
    return import(join(this.folder, copy));
  }

  /** What the compiler says of all blocks. */
  async typeErrors(): Promise<string> {
    try {
      const args = [TSC, '--noEmit', '-p', this.folder];
      await promisify(execFile)(process.execPath, args, { cwd: ROOT });
      return '';
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private async put(file: string, text: string): Promise<void> {
    const path = join(this.folder, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

/** The code with the changes that {@link GeneratedFiles} names. */
export function forTest(code: string, folder: string): string {
  return code
    .replaceAll(/listen: '[^']*:\d+'/g, `listen: '${LOOPBACK}'`)
    .replaceAll(/\.listen\(\d+\)/g, `.listen(0, '127.0.0.1')`)
    .replaceAll(/'(certs\/[^']*|servers\.json)'/g, (_, path: string) => `'${join(folder, path)}'`);
}
