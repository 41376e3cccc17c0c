import { BindAddress } from '../../config/address/bind-address.js';
import { bindConflict, nameConflict } from '../../config/address/conflict-index.js';
import { OverlapIndex } from '../../config/address/overlap-index.js';
import type { ServerSettings } from '../../config/server-settings.js';
import type { ConfigIssue } from '../../errors/server.error.js';
import type { PooledServer } from '../../server/pooled-server.js';
import { RealAddresses } from './real-addresses.js';

/** How a server is filed: by the settings it had then, for its config may have moved on since. */
interface Filed {
  readonly slot: number;
  settings: ServerSettings;
}

/**
 * The servers of a pool in the order they came, with an index by name, one by address, and one by the
 * real address of those on port 0. Those may share a host, so their address is no key before the
 * system has chosen a port.
 */
export class ServerIndex implements Iterable<PooledServer> {
  /** By numbers that a server keeps for as long as it is here: so one can take the place of another. */
  private readonly slots = new Map<number, PooledServer>();
  private readonly filed = new Map<PooledServer, Filed>();
  private readonly byName = new Map<string, PooledServer>();
  private readonly byAddress = new Map<string, PooledServer>();
  private readonly byRealAddress = new RealAddresses();
  private readonly onPortZero = new Map<string, Set<PooledServer>>();
  private readonly byOverlap = new OverlapIndex<PooledServer>();
  private nextSlot = 0;
  /** A server has come back to a place between others. */
  private isUnsorted = false;

  get size(): number {
    return this.slots.size;
  }

  [Symbol.iterator](): Iterator<PooledServer> {
    if (this.isUnsorted) this.sort();
    return this.slots.values();
  }

  contains(server: PooledServer): boolean {
    return this.filed.has(server);
  }

  /** @param slot The one that it had before; behind all others unless told */
  add(server: PooledServer, slot = this.nextSlot): void {
    if (this.filed.has(server)) return void this.update(server);
    this.file(server, slot);
    if (slot < this.nextSlot) this.isUnsorted = true;
    else this.nextSlot = slot + 1;
  }

  /** Its place among those that are, or were, here; undefined of one that is not. */
  slotOf(server: PooledServer): number | undefined {
    return this.filed.get(server)?.slot;
  }

  /** Puts `next` in the place of `old`, in the order as well. */
  replace(old: PooledServer, next: PooledServer): void {
    const slot = this.unfile(old);
    if (slot === undefined) return this.add(next);
    this.remove(next);
    this.file(next, slot);
  }

  remove(server: PooledServer): boolean {
    const slot = this.unfile(server);
    return slot !== undefined && this.slots.delete(slot);
  }

  /** Whether it is found by the name and the address of these settings already: few changes are of them. */
  isFiledAs(server: PooledServer, { name, bind }: ServerSettings): boolean {
    const { settings } = this.filed.get(server) ?? {};
    return settings?.name === name && (settings.bind === bind || settings.bind.equals(bind));
  }

  /** Files a server anew whose config, or real address, may have changed; returns the name that it was found by. */
  update(server: PooledServer): string | undefined {
    const filed = this.filed.get(server);
    if (filed === undefined) return undefined;
    const { name: former } = filed.settings;
    const { settings } = server;
    if (filed.settings !== settings && !this.isFiledAs(server, settings)) {
      this.unfile(server);
      this.file(server, filed.slot);
      return former;
    }
    filed.settings = settings;
    if (settings.bind.ephemeral) this.byRealAddress.update(server);
    return former;
  }

  named(name: string): PooledServer | undefined {
    return this.byName.get(name);
  }

  /** By bind address in any spelling, or by the real address of a port-0 server. */
  at(bind: string): PooledServer | undefined {
    // As it is spelt canonically, it need not be parsed.
    const known = this.byAddress.get(bind) ?? this.byRealAddress.at(bind);
    if (known) return known;
    const address = parse(bind);
    if (address === undefined) return undefined;
    const { canonical } = address;
    if (address.ephemeral) return this.firstOf(this.onPortZero.get(canonical));
    return this.byAddress.get(canonical) ?? this.byRealAddress.at(canonical);
  }

  /** The server on exactly this address, whose place a new one would take. */
  holder({ bind }: ServerSettings): PooledServer | undefined {
    return this.byAddress.get(bind.canonical);
  }

  /**
   * What speaks against these settings beside the other servers.
   *
   * @param isException Told of a server that is in nobody's way
   */
  conflicts(
    settings: ServerSettings,
    isException: (server: PooledServer) => boolean,
  ): ConfigIssue[] {
    const issues: ConfigIssue[] = [];
    const named = this.byName.get(settings.name);
    if (named && !isException(named)) {
      issues.push({ path: 'name', message: nameConflict(settings.name) });
    }
    for (const other of this.byOverlap.overlapping(settings.bind)) {
      if (isException(other)) continue;
      const message = bindConflict(settings, other.settings);
      if (message !== undefined) issues.push({ path: 'listen', message });
    }
    return issues;
  }

  private sort(): void {
    const sorted = [...this.slots].sort(([one], [other]) => one - other);
    this.slots.clear();
    for (const [slot, server] of sorted) this.slots.set(slot, server);
    this.isUnsorted = false;
  }

  private firstOf(servers: Iterable<PooledServer> = []): PooledServer | undefined {
    let first: PooledServer | undefined;
    let lowest = Infinity;
    for (const server of servers) {
      const { slot = Infinity } = this.filed.get(server) ?? {};
      if (slot < lowest) [first, lowest] = [server, slot];
    }
    return first;
  }

  private file(server: PooledServer, slot: number): void {
    const { settings } = server;
    const { name, bind } = settings;
    this.slots.set(slot, server);
    this.filed.set(server, { slot, settings });
    this.byName.set(name, server);
    if (bind.ephemeral) {
      const group = this.onPortZero.get(bind.canonical) ?? new Set();
      this.onPortZero.set(bind.canonical, group.add(server));
      this.byRealAddress.update(server);
    } else {
      this.byAddress.set(bind.canonical, server);
      this.byOverlap.add(bind, server);
    }
  }

  /** Returns its slot, which stays as it is. */
  private unfile(server: PooledServer): number | undefined {
    const filed = this.filed.get(server);
    if (filed === undefined) return undefined;
    const { name, bind } = filed.settings;
    this.filed.delete(server);
    // While a list is put in force two servers may have one name, or one address, for a moment.
    deleteFrom(this.byName, name, server);
    deleteFrom(this.byAddress, bind.canonical, server);
    if (bind.ephemeral) this.byRealAddress.remove(server);
    this.byOverlap.remove(bind, server);
    const group = this.onPortZero.get(bind.canonical);
    if (group?.delete(server) && group.size === 0) this.onPortZero.delete(bind.canonical);
    return filed.slot;
  }
}

function deleteFrom(index: Map<string, PooledServer>, key: string, server: PooledServer): void {
  if (index.get(key) === server) index.delete(key);
}

function parse(bind: string): BindAddress | undefined {
  try {
    return BindAddress.parse(bind);
  } catch {
    // Not an address, so no server's address: a look-up finds nothing.
    return undefined;
  }
}
