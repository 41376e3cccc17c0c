/** The middle of the numbers; of an even count the mean of the two in the middle. */
export function median(numbers) {
  return percentile(numbers, 50);
}

/** The value below which `percent` of the numbers lie, interpolated. */
export function percentile(numbers, percent) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const place = ((sorted.length - 1) * percent) / 100;
  const below = Math.floor(place);
  const above = Math.ceil(place);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

/** The quartiles: half of the numbers lie between them. */
export function quartiles(numbers) {
  return [percentile(numbers, 25), percentile(numbers, 75)];
}

/**
 * Where the true median lies, with 95 % certainty, whatever the distribution of the numbers is: the
 * two whose ranks are 0.98 √n from the middle.
 *
 * @see https://www.itl.nist.gov/div898/software/dataplot/refman1/auxillar/mediancl.htm
 */
export function medianInterval(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const reach = 0.98 * Math.sqrt(sorted.length);
  const first = Math.max(0, Math.floor(sorted.length / 2 - reach));
  return [sorted[first], sorted[sorted.length - 1 - first]];
}

/**
 * Runs the contestants in turn, in an order that changes from round to round until each has come
 * in each place, forth and back. So whatever drifts (the clock of the CPU, the heap, a neighbour)
 * and whatever one leaves to the next meets them alike. One object of results per round.
 */
export async function alternate(contestants, { rounds, warmUps = 1 }) {
  const names = Object.keys(contestants);
  const results = [];
  for (let round = 0; round < warmUps + rounds; round += 1) {
    const result = {};
    for (const name of orderOf(names, round)) result[name] = await contestants[name]();
    if (round >= warmUps) results.push(result);
  }
  return results;
}

/** A B C, C B A, B C A, A C B, C A B, B A C, and again. */
function orderOf(names, round) {
  const first = (round >> 1) % names.length;
  const rotated = [...names.slice(first), ...names.slice(0, first)];
  return round % 2 === 0 ? rotated : rotated.toReversed();
}
