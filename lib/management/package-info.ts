import { realpath, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What a `package.json` says of the application. */
export interface PackageInfo {
  readonly name?: string;
  readonly version?: string;
}

/**
 * Of the `package.json` nearest to the entry file, else of the working directory. One that has
 * neither a name nor a version, as builds put beside their output for its `type`, is passed over.
 */
export async function packageInfo(
  entry: string | undefined = process.argv[1],
  folder: string = process.cwd(),
): Promise<PackageInfo> {
  const file = entry === undefined ? undefined : await realpath(entry).catch(() => undefined);
  const nearest = file === undefined ? undefined : await findUpwards(dirname(file));
  return nearest ?? (await findUpwards(folder)) ?? {};
}

async function findUpwards(folder: string): Promise<PackageInfo | undefined> {
  const found = await read(join(folder, 'package.json'));
  const parent = dirname(folder);
  return found ?? (parent === folder ? undefined : findUpwards(parent));
}

/** Undefined for a file that is not there, or says nothing. */
async function read(file: string): Promise<PackageInfo | undefined> {
  try {
    const { name, version } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    const isText = typeof name === 'string' || typeof version === 'string';
    if (!isText) return undefined;
    return {
      ...(typeof name === 'string' && { name }),
      ...(typeof version === 'string' && { version }),
    };
  } catch {
    return undefined;
  }
}
