import { authorityOf } from './authority.js';
import { parseHost } from './bind-host.js';
import { parseFd, parseUnixPath } from './bind-path.js';
import { quote } from '../redact.js';
import { ANY_HOST, ANY_IPV4, LOCALHOST } from './wildcard-host.js';

/** What a bind address is: a TCP host and port, a unix socket, or an inherited descriptor. */
type BindKind = 'tcp' | 'unix' | 'fd';

interface Parts {
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  readonly fd?: number;
  readonly fdName?: string;
}

/** What would be right, for errors. */
export const BIND_FORMS =
  "give 'host:port', ':port', '[v6]:port', 'unix:/path.sock', 'fd:3' or 'fd:NAME'";

/**
 * Where a server listens, in one canonical spelling. Immutable.
 *
 * `':8080'`, `'*:8080'` and `'[::]:8080'` are the same address: every address of the machine, IPv6
 * and IPv4 (dual stack). Port 0 lets the system choose.
 */
export class BindAddress {
  /** The host in canonical form without brackets; only of a TCP address. */
  readonly host?: string;
  /** Port, 0 to 65535; 0 lets the system choose. Only of a TCP address. */
  readonly port?: number;
  /** The absolute path of a unix socket. */
  readonly path?: string;
  /** The number of an inherited file descriptor, from 3. */
  readonly fd?: number;
  /** The name of an inherited descriptor, as systemd's `LISTEN_FDNAMES` has it. */
  readonly fdName?: string;
  /** The canonical spelling, which `parse` reads back to an equal address. */
  readonly canonical: string;

  private constructor(parts: Parts) {
    this.host = parts.host;
    this.port = parts.port;
    this.path = parts.path;
    this.fd = parts.fd;
    this.fdName = parts.fdName;
    this.canonical = canonicalOf(parts);
    Object.freeze(this);
  }

  /**
   * Reads `host:port`, `:port`, `*:port`, `[v6]:port`, `unix:/path.sock`, `fd:3` or `fd:NAME`. A unix path that is not
   * absolute is taken from the working directory.
   *
   * @throws TypeError that says what was given and what would be right
   */
  static parse(text: string): BindAddress {
    if (BindAddress.last?.text === text) return BindAddress.last.address;
    const address = BindAddress.read(text);
    BindAddress.last = { text, address };
    return address;
  }

  /** An address is parsed when it is judged, and again when it is used. */
  private static last: { readonly text: string; readonly address: BindAddress } | undefined;

  private static read(text: string): BindAddress {
    if (typeof text !== 'string') throw new TypeError(`a bind address is a string: ${BIND_FORMS}`);
    const reject = (fault: string): never => {
      throw new TypeError(`${text === '' ? 'an empty string' : quote(text)} ${fault}`);
    };
    if (text === '') return reject(`is no bind address, ${BIND_FORMS}`);
    if (text.startsWith('unix:')) {
      return new BindAddress({ path: parseUnixPath(text.slice(5), reject) });
    }
    if (text.startsWith('fd:')) {
      return new BindAddress(parseFd(text.slice(3), reject));
    }
    return new BindAddress(parseHost(text, reject));
  }

  get kind(): BindKind {
    if (this.path !== undefined) return 'unix';
    return this.fd === undefined && this.fdName === undefined ? 'tcp' : 'fd';
  }

  /** Whether the system chooses the port. */
  get ephemeral(): boolean {
    return this.port === 0;
  }

  /** Whether both are spellings of one address. */
  equals(other: BindAddress): boolean {
    return this.canonical === other.canonical;
  }

  /**
   * Whether the two can't be bound at the same time: the same address, or one holds the other, as
   * `0.0.0.0:80` holds `127.0.0.1:80`. Port 0 overlaps nothing.
   */
  overlaps(other: BindAddress): boolean {
    if (this.kind !== other.kind || this.port !== other.port || this.ephemeral) return false;
    if (this.canonical === other.canonical) return true;
    if (this.host === undefined || other.host === undefined) return false;
    return holds(this.host, other.host) || holds(other.host, this.host);
  }

  /**
   * The same host on another port.
   *
   * @param port 0 to 65535
   * @throws TypeError for a unix socket, a descriptor, or a port out of range
   */
  withPort(port: number): BindAddress {
    if (this.kind !== 'tcp') throw new TypeError(`${quote(this.canonical)} has no port`);
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      throw new TypeError(`${String(port)} is not a port, give a whole number from 0 to 65535`);
    }
    return new BindAddress({ host: this.host, port });
  }

  /** The same port on a host as the system tells it: an IP address. */
  withHost(host: string): BindAddress {
    return new BindAddress({ host, port: this.port });
  }

  /** The canonical spelling. */
  toString(): string {
    return this.canonical;
  }

  /** The canonical spelling. */
  toJSON(): string {
    return this.canonical;
  }
}

function canonicalOf({ host = '', port = 0, path, fd, fdName }: Parts): string {
  if (path !== undefined) return `unix:${path}`;
  if (fd !== undefined) return `fd:${fd}`;
  if (fdName !== undefined) return `fd:${fdName}`;
  return authorityOf(host, port);
}

function holds(outer: string, inner: string): boolean {
  if (outer === ANY_HOST) return true;
  if (outer === ANY_IPV4) return !inner.includes(':');
  return outer === 'localhost' && LOCALHOST.includes(inner);
}
