import { isIPv4, isIPv6 } from 'node:net';
import { DEFAULT_PORTS, portOf as portOfUrl } from './authority.js';
import { ipAddresses } from './ip-addresses.js';
import { ANY_HOST } from './wildcard-host.js';

type Reject = (fault: string) => never;

const MAX_HOST_NAME = 253;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const ZONE = /^[A-Za-z0-9._~-]+$/;
const KNOWN_SERVICES: ReadonlyMap<string, number> = new Map(Object.entries(DEFAULT_PORTS));

/** Reads the TCP forms of a bind address into a canonical host (no brackets) and a port. */
export function parseHost(text: string, reject: Reject): { host: string; port: number } {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return reject(`is a URL, give ${hostOfUrl(text)}`);
  if (/^\d+$/.test(text)) return reject(`is a bare port, give ':${text.slice(0, 5)}'`);
  if (/\s/.test(text)) return reject('has white space in it, give it without');
  if (text.startsWith('[')) return parseBracketed(text, reject);
  // The two colons are looked for first: to make Node's pattern for IPv6 takes milliseconds.
  if (/:.*:/.test(text) && isIPv6(text)) {
    return reject(`is an IPv6 address without brackets and port, give '[${text}]:port'`);
  }
  const colon = text.lastIndexOf(':');
  if (colon < 0) return reject("has no port, give 'host:port'");
  const host = text.slice(0, colon);
  const rest = text.slice(colon + 1);
  if (host.includes(':')) return reject("has a host with a colon, IPv6 is written '[v6]:port'");
  return { host: hostName(host, reject), port: portOf(rest, reject) };
}

function parseBracketed(text: string, reject: Reject): { host: string; port: number } {
  const close = text.indexOf(']');
  if (close < 0) return reject("has no closing bracket, IPv6 is written '[v6]:port'");
  const rest = text.slice(close + 1);
  if (!rest.startsWith(':')) return reject("has no port, give '[v6]:port'");
  return { host: ipv6(text.slice(1, close), reject), port: portOf(rest.slice(1), reject) };
}

function portOf(text: string, reject: Reject): number {
  if (text === '') return reject('has no port, give a number from 0 to 65535 after the colon');
  const known = KNOWN_SERVICES.get(text.toLowerCase());
  if (known !== undefined) return reject(`has the name of a service as its port, give ${known}`);
  if (!/^\d+$/.test(text)) return reject('has a port that is no number, give one from 0 to 65535');
  const port = Number(text);
  if (port > 65535) return reject('has a port above 65535, give one from 0 to 65535');
  return port;
}

function ipv6(text: string, reject: Reject): string {
  const percent = text.indexOf('%');
  const base = percent < 0 ? text : text.slice(0, percent);
  if (isIPv4(text)) return reject('is an IPv4 address in brackets, give it without');
  if (!isIPv6(base)) return reject('has no IPv6 address in its brackets');
  const zone = percent < 0 ? '' : text.slice(percent + 1);
  if (percent >= 0 && !ZONE.test(zone)) return reject('has a zone that is no interface name');
  const address = ipAddresses().IPv6.parse(base);
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString();
  return zone === '' ? address.toRFC5952String() : `${address.toRFC5952String()}%${zone}`;
}

function hostName(text: string, reject: Reject): string {
  if (text === '' || text === '*') return ANY_HOST;
  const host = text.toLowerCase();
  const labels = host.split('.');
  if (/^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')) return ipv4(host, labels, reject);
  if (host.length > MAX_HOST_NAME || !labels.every((label) => LABEL.test(label))) {
    return reject('has a host that is no host name: letters, digits and hyphens, split by dots');
  }
  return host;
}

/**
 * No host name ends in a number, so this is an IPv4 address. `127.1` is normalised as the system
 * resolves it; leading zeros are not, for half the world reads them as octal.
 */
function ipv4(host: string, labels: readonly string[], reject: Reject): string {
  if (isIPv4(host)) return host;
  const octal = labels.some((label) => /^0\d/.test(label));
  if (labels.length < 2 || octal || !ipAddresses().IPv4.isValid(host)) {
    return reject("has a host that is no IPv4 address, give four numbers such as '127.0.0.1'");
  }
  return ipAddresses().IPv4.parse(host).toString();
}

function hostOfUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url?.host) return 'only its host and port';
  return `only its host and port: '${url.hostname}:${portOfUrl(url)}'`.slice(0, 160);
}
