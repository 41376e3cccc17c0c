/**
 * The rows of the table. Each is a plain object, as it stands in the JSON:
 *
 * - `what` was measured and in which `unit`; beside which `peer`, or none
 * - `base` and `pool`: the medians over the rounds; `ratio`: the median of the rounds' ratios
 * - `spread`: the quartiles of what is judged, the ratio or the value
 * - `criterion`, and the `noise` of this row (see {@link ratioRow})
 * - `verdict`: `pass`, `noise` (over the criterion, by less than the noise), `fail`, `unclear` (more noise than a
 *   verdict can bear), `skipped`, or none
 */
import { median, medianInterval, percentile, quartiles } from './statistics.js';

/** From here on a ratio tells nothing. */
const tooMuchNoise = 0.5;

/**
 * A contestant beside its peer: the ratio of the two, round by round. Its noise is the larger of two: how far the
 * ratio of the peer to a second one of its kind is from 1, and how uncertain the ratio itself is; both by
 * the interval in which the true median lies.
 *
 * @param options.rounds One object of results for each round, by the names of the contestants
 * @param options.base The peer's name among them
 * @param options.pool The other's name
 * @param options.control The name of a second one of the peer's kind
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
  const ofTwins = control === undefined ? 0 : farthest(medianInterval(ratiosOf(control)), 1);
  const noise = Math.max(ofTwins, uncertaintyOf(ratios) / ratio);
  const judgement = judged(ratio, limit, { noise, allowed: limit * (1 + noise) });
  if (judgement.verdict !== undefined && noise > tooMuchNoise) judgement.verdict = 'unclear';
  return {
    what,
    peer,
    unit,
    base: median(rounds.map((round) => of(round[base]))),
    pool: median(rounds.map((round) => of(round[pool]))),
    ratio,
    spread: quartiles(ratios),
    ...judgement,
  };
}

/**
 * A number by itself.
 *
 * @param options.values One for each round
 * @param options.percent Which percentile of them is told
 * @param options.noise By how much it may be wrong, in its own unit, if that is more than its uncertainty
 * @param options.peer The name and the number of what stands beside it, for information
 */
export function valueRow(what, { values, percent = 50, limit, noise: ofTwins = 0, unit, peer }) {
  const value = percentile(values, percent);
  const noise = Math.max(ofTwins, uncertaintyOf(values));
  const judgement = judged(value, limit, { noise, allowed: limit + noise });
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

/** Half of the interval in which the true median lies. */
function uncertaintyOf(values) {
  const [low, high] = medianInterval(values);
  return (high - low) / 2;
}

function farthest(interval, from) {
  return Math.max(...interval.map((end) => Math.abs(end - from)));
}

function judged(number, limit, { noise, allowed }) {
  if (limit === undefined) return {};
  const verdict = number <= limit ? 'pass' : number <= allowed ? 'noise' : 'fail';
  return { criterion: `≤ ${limit}`, limit, noise, verdict };
}
