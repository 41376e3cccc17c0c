import { authorityOf } from './authority.js';
import type { BindAddress } from './bind-address.js';
import { ANY_HOST, ANY_IPV4, isWildcard, LOCALHOST } from './wildcard-host.js';

/** The hosts that hold others, or that others hold: see {@link BindAddress.overlaps}. */
const INVOLVED = [ANY_HOST, ANY_IPV4, ...LOCALHOST];

/**
 * Finds what stands on an address, and on those that can't be bound beside it, without a look at each
 * of them: for thousands on one port, each with each is millions of comparisons. What stands on
 * port 0 is in nobody's way and is not kept.
 */
export class OverlapIndex<T> {
  /** By the place (a port, a path, a descriptor), and there by the address itself. */
  private readonly places = new Map<string, Map<string, T[]>>();

  add(bind: BindAddress, item: T): void {
    if (bind.ephemeral) return;
    const place = placeOf(bind);
    const addresses = this.places.get(place) ?? new Map<string, T[]>();
    this.places.set(place, addresses);
    const items = addresses.get(bind.canonical);
    if (items) items.push(item);
    else addresses.set(bind.canonical, [item]);
  }

  remove(bind: BindAddress, item: T): void {
    if (bind.ephemeral) return;
    const place = placeOf(bind);
    const addresses = this.places.get(place);
    const left = addresses?.get(bind.canonical)?.filter((each) => each !== item) ?? [];
    if (left.length > 0) addresses?.set(bind.canonical, left);
    else addresses?.delete(bind.canonical);
    if (addresses?.size === 0) this.places.delete(place);
  }

  /** Those on exactly this address. */
  at(bind: BindAddress): readonly T[] {
    return this.places.get(placeOf(bind))?.get(bind.canonical) ?? [];
  }

  /** Those on this address and on all that overlap it. */
  overlapping(bind: BindAddress): T[] {
    const addresses = bind.ephemeral ? undefined : this.places.get(placeOf(bind));
    if (addresses === undefined) return [];
    if (bind.kind !== 'tcp') return [...addresses.values()].flat();
    const others = isWildcard(bind.host ?? '') ? addresses.keys() : involved(bind);
    return [...others].flatMap((canonical) => addresses.get(canonical) ?? []);
  }
}

function involved({ canonical, port = 0 }: BindAddress): Set<string> {
  return new Set([canonical, ...INVOLVED.map((host) => authorityOf(host, port))]);
}

/** Only addresses of one place can overlap: those on one port, or the very same path. */
function placeOf(bind: BindAddress): string {
  return bind.kind === 'tcp' ? String(bind.port) : bind.canonical;
}
