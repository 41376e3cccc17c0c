import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { jest } from '@jest/globals';

const { resolve } = createRequire(import.meta.url);

/**
 * Lets a CommonJS package require an ES module, as Node does and Jest does from Node 24.9 on: it
 * gets that same module by an import. To be called before anything loads the package.
 *
 * @param name The module that is required
 * @param by The package that requires it
 * @see https://jestjs.io/docs/ecmascript-modules#require-of-esm
 */
export async function allowRequire(name: string, by: string): Promise<void> {
  const path = resolve(name, { paths: [dirname(resolve(by))] });
  const module = (await import(path)) as object;
  jest.doMock(path, () => module);
}
