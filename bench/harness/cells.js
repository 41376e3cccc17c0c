/** What stands in the cells of a row, in a terminal and on the page alike. */
export const heads = ['what', 'peer', 'peer’s', 'pool’s', 'ratio', 'criterion', 'noise', 'result'];

const verdicts = {
  pass: 'pass',
  noise: 'over, within the noise',
  fail: 'FAIL',
  unclear: 'unclear: too much noise',
};

export function cellsOf(row) {
  const { what, peer = '', ratio, spread, criterion = '', noise, verdict, why } = row;
  const range = spread ? ` (${number(spread[0])}–${number(spread[1])})` : '';
  const hasRatio = ratio !== undefined;
  return [
    what,
    peer,
    withUnit(row.base, row.unit),
    withUnit(row.pool, row.unit) + (hasRatio ? '' : range),
    hasRatio ? number(ratio) + range : '',
    criterion,
    noiseCell(noise, hasRatio, row.unit),
    verdict === 'skipped' ? `skipped: ${why}` : (verdicts[verdict] ?? ''),
  ];
}

function noiseCell(noise, isRatio, unit) {
  if (noise === undefined) return '';
  return isRatio ? `${number(noise * 100)} %` : withUnit(noise, unit);
}

function withUnit(value, unit) {
  if (typeof value !== 'number') return value ?? '';
  return unit ? `${number(value)} ${unit}` : value.toLocaleString('en');
}

/** Three digits that count; more only before the point. */
function number(value) {
  const size = Math.abs(value);
  const digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.0995 || size === 0 ? 2 : 3;
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return value.toLocaleString('en', options);
}
