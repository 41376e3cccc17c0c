const said = new Set<string>();

/**
 * Warns the process, once, that Node or a package is not built as the library knows it beyond its documents.
 *
 * @param code By which a process can tell the warning from others
 */
export function warnOnce(text: string, code: string): void {
  if (said.has(text)) return;
  said.add(text);
  process.emitWarning(text, { code });
}

/**
 * As {@link warnOnce}, about the Node that runs.
 *
 * @param what How it differs from what the library expects, and what does not work then
 */
export function warnOfNode(what: string): void {
  warnOnce(
    `Node ${process.version} ${what}. Please report it to nestjs-http-pool`,
    'HTTP_POOL_NODE',
  );
}
