import type { BindAddress } from './address/bind-address.js';
import { quote } from './redact.js';

/** What two servers of a pool must not share. */
export interface Identity {
  readonly name: string;
  readonly bind: BindAddress;
}

/** Two servers that can't be in one pool. */
export interface Conflict<T extends Partial<Identity> = Identity> {
  /** The key at fault. */
  field: 'name' | 'listen';
  /** The server that has it already. */
  other: T;
  /** Why, without the place of the other. */
  message: string;
}

/**
 * Finds the first server whose name is the candidate's, or whose bind address can't be bound
 * together with the candidate's. Leave out of `others` the server that the candidate replaces.
 */
export function findConflict<T extends Identity>(
  candidate: Identity,
  others: Iterable<T>,
): Conflict<T> | undefined {
  for (const other of others) {
    const message = nameConflict(candidate, other);
    if (message !== undefined) return { field: 'name', other, message };
    const overlap = bindConflict(candidate, other);
    if (overlap !== undefined) return { field: 'listen', other, message: overlap };
  }
  return undefined;
}

/** Why the two can't have these names. */
export function nameConflict(
  candidate: Partial<Identity>,
  other: Partial<Identity>,
): string | undefined {
  if (candidate.name === undefined || candidate.name !== other.name) return undefined;
  return `${quote(candidate.name)} is already the name of another server`;
}

/** Why the two can't be bound together. */
export function bindConflict(
  candidate: Partial<Identity>,
  other: Partial<Identity>,
): string | undefined {
  if (!candidate.bind || !other.bind || !candidate.bind.overlaps(other.bind)) return undefined;
  const [mine, theirs] = [candidate.bind.canonical, other.bind.canonical];
  const owner = other.name === undefined ? 'another server' : `server ${quote(other.name)}`;
  return mine === theirs
    ? `${mine} is already the bind address of ${owner}`
    : `${mine} overlaps ${theirs}, the bind address of ${owner}`;
}
