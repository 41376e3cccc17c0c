/** docs/performance.json and docs/performance.md. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { pageOf } from './page.js';
import { parts as allParts } from './parts.js';

const file = (name) => new URL(`../../docs/${name}`, import.meta.url);

/** Five digits that count: more are noise, and make a diff unreadable. */
const shortened = (_key, value) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;

export const jsonOf = (result) => `${JSON.stringify(result, shortened, 1)}\n`;

/** Puts parts in the place of what was measured of them before, on the same machine and Node. */
export function writePage({ machine, parts }) {
  const before = measuredBefore();
  const isSame = JSON.stringify(before?.machine) === JSON.stringify(machine);
  const measured = new Map(
    [...(isSame ? before.parts : []), ...parts].map((part) => [part.name, part]),
  );
  const inOrder = Object.keys(allParts).flatMap((name) => measured.get(name) ?? []);
  const json = jsonOf({ machine, parts: inOrder });
  writeFileSync(file('performance.json'), json);
  writeFileSync(file('performance.md'), pageOf(JSON.parse(json)));
}

function measuredBefore() {
  const json = file('performance.json');
  return existsSync(json) ? JSON.parse(readFileSync(json, 'utf8')) : undefined;
}
