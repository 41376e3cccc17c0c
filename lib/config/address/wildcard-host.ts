/** All addresses of the machine, those of IPv4 too. */
export const ANY_HOST = '::';

/** All addresses of IPv4 of the machine. */
export const ANY_IPV4 = '0.0.0.0';

/** `localhost`, and what it means on any machine. */
export const LOCALHOST: readonly string[] = ['localhost', '127.0.0.1', '::1'];

export function isWildcard(host: string): boolean {
  return host === ANY_HOST || host === ANY_IPV4;
}

/** Where a client on this machine finds what listens on a host: no wildcard is a destination, and both accept IPv4. */
export function loopbackOf(host: string): string {
  return isWildcard(host) ? '127.0.0.1' : host;
}
