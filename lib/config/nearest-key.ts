import { quote } from './redact.js';

const MAX_LISTED = 14;

const squash = (key: string): string => key.replace(/[_\-\s.]/g, '').toLowerCase();

/**
 * The known key that was probably meant: the same letters in another spelling (`read_timeout`), or
 * a few typing errors away.
 */
export function nearestKey(key: string, known: Iterable<string>): string | undefined {
  if (key.length > 64) return undefined;
  const wanted = squash(key);
  let best: string | undefined;
  let bestDistance = Math.min(3, Math.max(1, Math.floor(wanted.length / 3))) + 1;
  for (const candidate of known) {
    const distance = editDistance(wanted, squash(candidate));
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** What to say of a key that is not known, and what to do about it. */
export function unknownKey(key: string, known: readonly string[]): string {
  return `unknown key ${quote(key)}, ${keyHint(key, known)}`;
}

function keyHint(key: string, known: readonly string[]): string {
  const near = nearestKey(key, known);
  if (near !== undefined) return `did you mean '${near}'?`;
  return known.length > MAX_LISTED ? 'leave it out' : `the keys are ${known.join(', ')}`;
}

/** Damerau-Levenshtein: `lisetn` is one error, not two. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + cost,
        swapped ? (before[column - 2] ?? 0) + 1 : Infinity,
      );
    }
    [before, previous] = [previous, current];
  }
  return previous[b.length] ?? Infinity;
}
