/** What to call middleware by in a message, as far as it is known; Nest's own wrapper has no name. */
export function nameOfMiddleware(path: string, name: string | undefined): string {
  const where = path === '' ? 'middleware' : `middleware on ${path}`;
  return name ? `${where} (${name})` : where;
}
