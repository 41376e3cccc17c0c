import { cellsOf, heads } from './cells.js';

/** Known from the start, for the table grows while the bench runs. */
const widths = [66, 26, 14, 26, 22, 10, 8, 0];

const line = (cells) =>
  cells
    .map((cell, i) => cell.padEnd(widths[i]))
    .join('  ')
    .trimEnd();

export function printHeads() {
  console.log(line(heads));
}

export function printPart(name, { title, rows }) {
  console.log(`\n${name}: ${title}`);
  for (const row of rows) console.log(line(cellsOf(row)));
}
