const columns = ['what', 'base', 'pool', 'ratio', 'criterion', 'result'];

/**
 * One line of a bench. `limit` is the criterion for `ratio`, or for `value` where there is no base
 * to compare with; a row without a limit is told for information.
 */
export function compared(what, { base, pool, ratio = pool / base, unit = '', limit, digits = 2 }) {
  const show = (number) => `${number.toFixed(digits)}${unit && ` ${unit}`}`;
  const ok = limit === undefined ? undefined : ratio <= limit;
  return {
    what,
    base: base === undefined ? '' : show(base),
    pool: show(pool),
    ratio: ratio.toFixed(3),
    criterion: limit === undefined ? '' : `<= ${limit}`,
    ok,
  };
}

/** A line that holds a plain fact against a criterion told in words. */
export function measured(what, { value, base = '', criterion = '', ok }) {
  return { what, base, pool: value, ratio: '', criterion, ok };
}

export function skipped(what, why) {
  return { what, base: '', pool: '', ratio: '', criterion: '', ok: undefined, skipped: why };
}

/** Prints the rows of a bench as a table; false when one of them fails its criterion. */
export function printTable(title, rows) {
  const lines = rows.map((row) => ({ ...row, result: resultOf(row) }));
  const heads = Object.fromEntries(columns.map((column) => [column, column]));
  const widths = columns.map((column) =>
    Math.max(...[heads, ...lines].map((line) => line[column].length)),
  );
  const text = (line) => columns.map((column, i) => line[column].padEnd(widths[i])).join('  ');
  console.log(`\n${title}`);
  console.log(text(heads));
  console.log(widths.map((width) => '-'.repeat(width)).join('  '));
  for (const line of lines) console.log(text(line));
  return rows.every(({ ok }) => ok !== false);
}

function resultOf({ ok, skipped: why }) {
  if (why) return `SKIPPED: ${why}`;
  if (ok === undefined) return '';
  return ok ? 'pass' : 'FAIL';
}
