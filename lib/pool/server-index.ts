import { BindAddress } from '../config/bind-address.js';
import { bindConflict, nameConflict } from '../config/find-conflict.js';
import type { ServerSettings } from '../config/server-settings.js';
import type { ConfigIssue } from '../errors/server.error.js';
import type { PooledServer } from '../server/pooled-server.js';

/** Where the index has filed a server: its config may have moved on since. */
interface Filed {
  readonly name: string;
  readonly bind: BindAddress;
}

/**
 * The servers of a pool in the order they came, with an index by name and one by address. Port-0
 * servers may share a host, so their address is no key before the system has chosen a port.
 */
export class ServerIndex implements Iterable<PooledServer> {
  private readonly filed = new Map<PooledServer, Filed>();
  private readonly byName = new Map<string, PooledServer>();
  private readonly byPlace = new Map<string, Set<PooledServer>>();

  get size(): number {
    return this.filed.size;
  }

  [Symbol.iterator](): Iterator<PooledServer> {
    return this.filed.keys();
  }

  contains(server: PooledServer): boolean {
    return this.filed.has(server);
  }

  add(server: PooledServer): void {
    const { name, bind } = server.settings;
    this.filed.set(server, { name, bind });
    this.file(server, { name, bind });
  }

  /** Puts `next` in the place of `old`, in the order as well. */
  replace(old: PooledServer, next: PooledServer): void {
    const servers = [...this.filed.keys()];
    for (const server of servers) this.remove(server);
    for (const server of servers) this.add(server === old ? next : server);
  }

  remove(server: PooledServer): boolean {
    const filed = this.filed.get(server);
    if (filed === undefined) return false;
    this.unfile(server, filed);
    return this.filed.delete(server);
  }

  /** Files a server anew whose config has changed; it keeps its place in the order. */
  update(server: PooledServer): void {
    const filed = this.filed.get(server);
    if (filed === undefined) return;
    this.unfile(server, filed);
    const { name, bind } = server.settings;
    this.filed.set(server, { name, bind });
    this.file(server, { name, bind });
  }

  named(name: string): PooledServer | undefined {
    return this.byName.get(name);
  }

  /** By bind address in any spelling, or by the real address of a port-0 server. */
  at(bind: string): PooledServer | undefined {
    const address = parse(bind);
    if (address === undefined) return undefined;
    const { canonical } = address;
    for (const server of this.group(address)) if (server.bind === canonical) return server;
    for (const server of this.byPlace.get(ephemeralPlace) ?? []) {
      if (realBindOf(server)?.canonical === canonical) return server;
    }
    return undefined;
  }

  /** The server on exactly this address, whose place a new one would take. */
  holder({ bind }: ServerSettings): PooledServer | undefined {
    if (bind.ephemeral) return undefined;
    for (const server of this.group(bind)) if (server.bind === bind.canonical) return server;
    return undefined;
  }

  /** What speaks against these settings beside the other servers. */
  conflicts(settings: ServerSettings, except: ReadonlySet<PooledServer>): ConfigIssue[] {
    const issues: ConfigIssue[] = [];
    const named = this.byName.get(settings.name);
    if (named && !except.has(named)) {
      issues.push({ path: 'name', message: nameConflict(settings, named.settings) ?? '' });
    }
    // Servers on port 0 are many in one place, and none is in the way of another.
    const neighbours = settings.bind.ephemeral ? [] : this.group(settings.bind);
    for (const other of neighbours) {
      if (except.has(other)) continue;
      const message = bindConflict(settings, other.settings);
      if (message !== undefined) issues.push({ path: 'listen', message });
    }
    return issues;
  }

  private group(bind: BindAddress): Iterable<PooledServer> {
    return this.byPlace.get(placeOf(bind)) ?? [];
  }

  private file(server: PooledServer, { name, bind }: Filed): void {
    this.byName.set(name, server);
    const place = placeOf(bind);
    const group = this.byPlace.get(place) ?? new Set();
    this.byPlace.set(place, group.add(server));
  }

  private unfile(server: PooledServer, { name, bind }: Filed): void {
    if (this.byName.get(name) === server) this.byName.delete(name);
    const place = placeOf(bind);
    const group = this.byPlace.get(place);
    group?.delete(server);
    if (group?.size === 0) this.byPlace.delete(place);
  }
}

const ephemeralPlace = 'port 0';

/** Only addresses of one place can conflict: those on one port. */
function placeOf(bind: BindAddress): string {
  if (bind.ephemeral) return ephemeralPlace;
  return bind.kind === 'tcp' ? `port ${bind.port}` : bind.canonical;
}

function realBindOf(server: PooledServer): BindAddress | undefined {
  const { address } = server;
  return address && 'port' in address ? server.settings.bind.withPort(address.port) : undefined;
}

function parse(bind: string): BindAddress | undefined {
  try {
    return BindAddress.parse(bind);
  } catch {
    // Not an address, so no server's address: a look-up finds nothing.
    return undefined;
  }
}
