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
