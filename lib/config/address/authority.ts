/** The ports that a URL of these schemes need not name. */
export const DEFAULT_PORTS = { http: 80, https: 443 } as const;

/** A host and its port, as a URL and a bind address write them: IPv6 stands in brackets. */
export function authorityOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The port of a URL: that of its scheme where it names none. */
export function portOf({ port, protocol }: Pick<URL, 'port' | 'protocol'>): number {
  return Number(port || DEFAULT_PORTS[protocol === 'https:' ? 'https' : 'http']);
}
