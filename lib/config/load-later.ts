import { createRequire } from 'node:module';
import { join } from 'node:path';

let load: NodeJS.Require | undefined;

/** Loads a dependency that few need with its first use, and at once. */
export function loadLater(name: string): unknown {
  load ??= createRequire(place());
  return load(name);
}

/**
 * A bundle of CommonJS modules has no URL of its own: what it does not hold is looked for from the working directory on.
 * Transforms to CommonJS, such as of Jest, know `import.meta.url` in one piece alone.
 */
function place(): string {
  const url: string | undefined = import.meta.url;
  return url ?? join(process.cwd(), 'bundle.js');
}
