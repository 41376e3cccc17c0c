import { bindConflict, nameConflict, type Conflict, type Identity } from '../find-conflict.js';

/** A server of a list; what is not valid of it is left out. */
export interface Candidate extends Partial<Identity> {
  path: string;
}

/**
 * Finds the conflicts within a list. Grouped by name and port, for each with each is a million
 * comparisons for a thousand servers.
 */
export class ConflictIndex {
  private readonly byName = new Map<string, Candidate>();
  private readonly byPlace = new Map<string, Candidate[]>();

  /** Checks a server against those before it, and holds on to what of it has no conflict. */
  add(candidate: Candidate): Conflict<Candidate>[] {
    return [this.addName(candidate), this.addBind(candidate)].filter(
      (found) => found !== undefined,
    );
  }

  private addName(candidate: Candidate): Conflict<Candidate> | undefined {
    if (candidate.name === undefined) return undefined;
    const other = this.byName.get(candidate.name);
    if (other !== undefined) {
      return { field: 'name', other, message: nameConflict(candidate, other) ?? '' };
    }
    this.byName.set(candidate.name, candidate);
    return undefined;
  }

  private addBind(candidate: Candidate): Conflict<Candidate> | undefined {
    const { bind } = candidate;
    if (bind === undefined || bind.ephemeral) return undefined;
    const place = bind.kind === 'tcp' ? `${bind.port}` : bind.canonical;
    const group = this.byPlace.get(place) ?? this.openGroup(place);
    for (const other of group) {
      const message = bindConflict(candidate, other);
      if (message !== undefined) return { field: 'listen', other, message };
    }
    group.push(candidate);
    return undefined;
  }

  private openGroup(place: string): Candidate[] {
    const group: Candidate[] = [];
    this.byPlace.set(place, group);
    return group;
  }
}
