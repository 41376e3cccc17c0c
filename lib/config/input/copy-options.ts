import { copyData, copyList } from './copy-data.js';
import { unreadable, type CopyReport } from './copy-report.js';
import { fieldListOf } from '../rules/nested.rules.js';
import { joinPath } from '../rules/key-path.js';
import type { FieldShape } from '../rules/nested.rules.js';
import { isRecord } from '../record.js';
import { createSealed, seal, show } from './sealed.js';
import { reportUnknownKeys } from './unknown-keys.js';

/** A value to copy from; a later one of a list fills in what the earlier ones lack. */
export interface Source<V = Record<string, unknown>> {
  value: V;
  /** Whether it is of the pool's defaults. */
  inherited: boolean;
}

type NonEmpty<T> = [T, ...T[]];

/**
 * A frozen instance of a class with the values of the sources. Reads each value once, runs no more
 * of the user's code than its getters, and leaves judging the values to the rules of the class.
 */
export function copyOptions<T extends object>(
  type: new () => T,
  sources: readonly Source[],
  path: string,
  report: CopyReport,
): T {
  // Not `new`: class fields would define every key as undefined.
  const copy = createSealed(type);
  for (const source of sources) {
    report.guard(path, () => reportUnknownKeys(type, source, path, report));
  }
  for (const [key, shape] of fieldListOf(type)) {
    try {
      const found = valuesOf(key, sources);
      if (found === undefined) continue;
      const value = copyField(found, shape, joinPath(path, key), report);
      if (shape.secret === undefined) copy[key] = value;
      else if (shape.secret(value)) seal(copy, key, value);
      else show(copy, key, value);
    } catch (error) {
      report.fault(joinPath(path, key), unreadable(error));
    }
  }
  return Object.freeze(copy) as T;
}

/** Those who give a value for the key; most of the fifty keys are left out by all. */
function valuesOf(key: string, sources: readonly Source[]): NonEmpty<Source<unknown>> | undefined {
  let found: NonEmpty<Source<unknown>> | undefined;
  for (const { value: source, inherited } of sources) {
    const value = key in source ? source[key] : undefined;
    if (value === undefined) continue;
    if (found) found.push({ value, inherited });
    else found = [{ value, inherited }];
  }
  return found;
}

function copyField(
  found: Readonly<NonEmpty<Source<unknown>>>,
  shape: FieldShape,
  path: string,
  report: CopyReport,
): unknown {
  const [first] = found;
  if (first.inherited) report.inherit(path);
  if (shape.kind === 'data') return copyData(first.value);
  if (Array.isArray(first.value)) {
    const items = copyList(first.value);
    return Object.freeze(
      items.map((item, index) => copyItem(item, shape, `${path}[${index}]`, report)),
    );
  }
  if (shape.kind !== 'object' || !shape.type || !isRecord(first.value)) return first.value;
  return copyOptions(shape.type(), found.filter(isRecordSource), path, report);
}

function copyItem(item: unknown, shape: FieldShape, path: string, report: CopyReport): unknown {
  if (shape.kind !== 'list' || !shape.type || !isRecord(item)) return item;
  return copyOptions(shape.type(), [{ value: item, inherited: false }], path, report);
}

function isRecordSource(source: Source<unknown>): source is Source {
  return isRecord(source.value);
}
