import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Child } from './child.js';

const ROOT = join(import.meta.dirname, '../../..');
const TSC = join(ROOT, 'node_modules/@typescript/native/bin/tsc');
const run = promisify(execFile);

/** What `npm start` needs of the repository. */
const NEEDED = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'lib',
  'scripts',
  'sample/tsconfig.json',
];

/**
 * A copy of the repository with one sample, built in a folder of its own: a build in the repository
 * would take its `dist` away from whatever else uses it at that moment.
 */
export class Clone {
  private readonly children: Child[] = [];

  private constructor(
    private readonly folder: string,
    private readonly sample: string,
  ) {}

  /** Copies and builds, by the commands of scripts/start.js. */
  static async of(sample: string): Promise<Clone> {
    const clone = new Clone(await mkdtemp(join(tmpdir(), 'pool-sample-')), sample);
    try {
      await clone.build();
    } catch (error) {
      await clone.remove();
      throw error;
    }
    return clone;
  }

  /** Where a file of the sample is. */
  path(name: string): string {
    return join(this.folder, 'sample', this.sample, name);
  }

  /** Runs the built sample. */
  run(env: Record<string, string>): Child {
    return this.spawn([this.path('dist/main.js')], env);
  }

  /** Runs what `npm start` runs, its build included. */
  start(env: Record<string, string>): Child {
    return this.spawn(['scripts/start.js', this.sample], env);
  }

  /** Ends what still runs, however its test went. */
  async stopAll(): Promise<void> {
    await Promise.all(this.children.splice(0).map((child) => child.kill()));
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private async build(): Promise<void> {
    const { folder, sample } = this;
    for (const path of [...NEEDED, `sample/${sample}`]) {
      const built = join(ROOT, path, 'dist');
      const filter = (source: string): boolean => source !== built;
      await cp(join(ROOT, path), join(folder, path), { recursive: true, filter });
    }
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
    for (const project of ['tsconfig.build.json', `sample/${sample}`]) {
      await run(process.execPath, [TSC, '-p', project], { cwd: folder });
    }
  }

  private spawn(args: string[], env: Record<string, string>): Child {
    const child = new Child(args, { cwd: this.folder, env });
    this.children.push(child);
    return child;
  }
}
