/** The scheme and the authority of a request target in absolute form. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/** The path and the query of a request target: a client that takes us for a proxy sends the whole URL. */
export function withoutOrigin(target: string): string {
  const [origin] = ORIGIN.exec(target) ?? [];
  if (origin === undefined) return target;
  const rest = target.slice(origin.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}
