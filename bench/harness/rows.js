/**
 * The rows of the table. Each is a plain object, as it stands in the JSON:
 *
 * - `what` was measured and in which `unit`; beside which `peer`, or none
 * - `base` and `pool`: the medians over the rounds; `ratio`: the median of the rounds' ratios
 * - `spread`: the quartiles of what is judged, the ratio or the value
 * - `criterion`, and the `noise` of this row: what two of the same kind differ by
 * - `verdict`: `pass`, `noise` (over the criterion, by less than the noise), `fail`, `skipped`, or none
 */
import { median, medianInterval, percentile, quartiles } from './statistics.js';

/**
 * A contestant beside its peer: the ratio of the two, round by round.
 *
 * @param options.rounds One object of results for each round, by the names of the contestants
 * @param options.base The peer's name among them
 * @param options.pool The other's name
 * @param options.control The name of a second one of the peer's kind: it tells the noise
 * @param options.of Takes the number out of a result
 * @param options.limit The ratio may be so large; without it the row is for information
 */
export function ratioRow(
  what,
  { rounds, base, pool = 'pooled', control, of = Number, limit, peer = base, unit },
) {
  const ratiosOf = (name) => rounds.map((round) => of(round[name]) / of(round[base]));
  const ratios = ratiosOf(pool);
  const ratio = median(ratios);
  const noise = control === undefined ? undefined : farthest(medianInterval(ratiosOf(control)), 1);
  return {
    what,
    peer,
    unit,
    base: median(rounds.map((round) => of(round[base]))),
    pool: median(rounds.map((round) => of(round[pool]))),
    ratio,
    spread: quartiles(ratios),
    ...judged(ratio, limit, { noise, allowed: limit * (1 + (noise ?? 0)) }),
  };
}

/**
 * A number by itself.
 *
 * @param options.values One for each round
 * @param options.percent Which percentile of them is told
 * @param options.noise By how much it may be wrong, in its own unit
 * @param options.peer The name and the number of what stands beside it, for information
 */
export function valueRow(what, { values, percent = 50, limit, noise, unit, peer }) {
  const value = percentile(values, percent);
  const judgement = judged(value, limit, { noise, allowed: limit + (noise ?? 0) });
  if (limit !== undefined) judgement.criterion = `${judgement.criterion} ${unit}`;
  return {
    what,
    ...(peer && { peer: peer.name, base: peer.value }),
    unit,
    pool: value,
    spread: quartiles(values),
    ...judgement,
  };
}

/** A plain fact against a criterion in words. */
export function factRow(what, { base, pool, peer, criterion, isMet }) {
  return { what, peer, base, pool, criterion, verdict: isMet ? 'pass' : 'fail' };
}

export function skippedRow(what, why) {
  return { what, verdict: 'skipped', why };
}

/** How far two series of the same kind lie apart, in their own unit. */
export function noiseBetween(values, others) {
  return farthest(medianInterval(values.map((value, i) => value - others[i])), 0);
}

function farthest(interval, from) {
  return Math.max(...interval.map((end) => Math.abs(end - from)));
}

function judged(number, limit, { noise, allowed }) {
  if (limit === undefined) return { noise };
  const verdict = number <= limit ? 'pass' : number <= allowed ? 'noise' : 'fail';
  return { criterion: `≤ ${limit}`, noise, verdict };
}
