import { BindAddress } from '../../config/address/bind-address.js';
import { bindConflict, nameConflict } from '../../config/address/conflict-index.js';
import type { ServerSettings } from '../../config/server-settings.js';
import type { ConfigIssue } from '../../errors/server.error.js';
import type { PooledServer } from '../../server/pooled-server.js';

/**
 * The servers of a pool in the order they came, with an index by name and one by address. Port-0
 * servers may share a host, so their address is no key before the system has chosen a port.
 */
export class ServerIndex implements Iterable<PooledServer> {
  /** With the settings it was filed by: its config may have moved on since. */
  private readonly filed = new Map<PooledServer, ServerSettings>();
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
    this.filed.set(server, server.settings);
    this.file(server, server.settings);
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
    this.filed.set(server, server.settings);
    this.file(server, server.settings);
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
    for (const [server, settings] of this.filed) {
      if (!settings.bind.ephemeral) continue;
      const filed = address.ephemeral ? settings.bind : server.listener?.bind;
      if (filed?.canonical === canonical) return server;
    }
    return undefined;
  }

  /** The server on exactly this address, whose place a new one would take. */
  holder({ bind }: ServerSettings): PooledServer | undefined {
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
    for (const other of this.group(settings.bind)) {
      if (except.has(other)) continue;
      const message = bindConflict(settings, other.settings);
      if (message !== undefined) issues.push({ path: 'listen', message });
    }
    return issues;
  }

  private group(bind: BindAddress): Iterable<PooledServer> {
    const place = placeOf(bind);
    return (place === undefined ? undefined : this.byPlace.get(place)) ?? [];
  }

  private file(server: PooledServer, { name, bind }: ServerSettings): void {
    this.byName.set(name, server);
    const place = placeOf(bind);
    if (place === undefined) return;
    const group = this.byPlace.get(place) ?? new Set();
    this.byPlace.set(place, group.add(server));
  }

  private unfile(server: PooledServer, { name, bind }: ServerSettings): void {
    if (this.byName.get(name) === server) this.byName.delete(name);
    const place = placeOf(bind);
    if (place === undefined) return;
    const group = this.byPlace.get(place);
    group?.delete(server);
    if (group?.size === 0) this.byPlace.delete(place);
  }
}

/**
 * Only addresses of one place can conflict: those on one port. Those on port 0 have no place: they
 * are many, and none is in the way of another.
 */
function placeOf(bind: BindAddress): string | undefined {
  if (bind.ephemeral) return undefined;
  return bind.kind === 'tcp' ? `port ${bind.port}` : bind.canonical;
}

function parse(bind: string): BindAddress | undefined {
  try {
    return BindAddress.parse(bind);
  } catch {
    // Not an address, so no server's address: a look-up finds nothing.
    return undefined;
  }
}
