import { quote } from '../redact.js';
import type { BindAddress } from './bind-address.js';
import { OverlapIndex } from './overlap-index.js';

/** What two servers of a pool must not share. */
export interface Identity {
  readonly name: string;
  readonly bind: BindAddress;
}

/** A server of a list; what is not valid of it is left out. */
interface Candidate extends Partial<Identity> {
  path: string;
}

/** Two servers that can't be in one pool. */
interface Conflict {
  /** The key at fault. */
  field: 'name' | 'listen';
  /** The server that has it already. */
  other: Candidate;
  /** Why, without the place of the other. */
  message: string;
}

/** Why no two can have the same name. */
export function nameConflict(name: string): string {
  return `${quote(name)} is already the name of another server`;
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

/** Finds the conflicts within a list. */
export class ConflictIndex {
  private readonly byName = new Map<string, Candidate>();
  private readonly byAddress = new OverlapIndex<Candidate>();

  /** Checks a server against those before it, and holds on to what of it has no conflict. */
  add(candidate: Candidate): Conflict[] {
    return [this.addName(candidate), this.addBind(candidate)].filter(
      (found) => found !== undefined,
    );
  }

  private addName(candidate: Candidate): Conflict | undefined {
    const { name } = candidate;
    if (name === undefined) return undefined;
    const other = this.byName.get(name);
    if (other !== undefined) return { field: 'name', other, message: nameConflict(name) };
    this.byName.set(name, candidate);
    return undefined;
  }

  private addBind(candidate: Candidate): Conflict | undefined {
    const { bind } = candidate;
    if (bind === undefined) return undefined;
    for (const other of this.byAddress.overlapping(bind)) {
      const message = bindConflict(candidate, other);
      if (message !== undefined) return { field: 'listen', other, message };
    }
    this.byAddress.add(bind, candidate);
    return undefined;
  }
}
