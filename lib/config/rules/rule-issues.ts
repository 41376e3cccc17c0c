import { validateSync, type ValidationError } from 'class-validator';
import type { ConfigIssue } from '../../errors/server.error.js';
import { isRecord } from '../record.js';
import { joinPath } from './key-path.js';
import { fieldListOf, type Class } from './nested.rules.js';
import { obeysRules } from './rule.js';

/**
 * The faults that the decorators of a config find, with their full key paths. The rules are asked
 * directly first: class-validator takes ten times as long to say that nothing is wrong.
 */
export function ruleIssues(type: Class, config: object, path: string): ConfigIssue[] {
  if (isRight(type, config)) return [];
  const errors = validateSync(config, { validationError: { target: false } });
  return errors.flatMap((error) => issuesOf(error, path, config));
}

function isRight(type: Class, config: object): boolean {
  if (!obeysRules(type, config)) return false;
  for (const [field, shape] of fieldListOf(type)) {
    if (shape.type === undefined) continue;
    const value = (config as Record<string, unknown>)[field];
    if (value === undefined) continue;
    const nested: unknown[] = Array.isArray(value) ? value : [value];
    for (const each of nested) {
      // Of a value that is no object its field's own rule has told.
      if (isRecord(each) && !isRight(shape.type(), each)) return false;
    }
  }
  return true;
}

function issuesOf(error: ValidationError, path: string, parent: unknown): ConfigIssue[] {
  const {
    property,
    value,
    constraints = {},
    children = [],
  } = error as {
    property?: string;
    value?: unknown;
    constraints?: Record<string, string>;
    children?: ValidationError[];
  };
  // Without a property it is an object of no class of ours: its field's own rule tells.
  if (property === undefined) return [];
  const at = Array.isArray(parent) ? `${path}[${property}]` : joinPath(path, property);
  const own = Object.entries(constraints)
    .filter(([name]) => name !== 'nestedValidation')
    .flatMap(([, message]) => message.split('\n'))
    .map((line) => toIssue(line, path));
  return [...own, ...children.flatMap((child) => issuesOf(child, at, value))];
}

/** A line of a rule starts with its field and the place in it. */
function toIssue(line: string, path: string): ConfigIssue {
  const end = line.indexOf(': ');
  return { path: joinField(path, line.slice(0, end)), message: line.slice(end + 2) };
}

function joinField(path: string, field: string): string {
  return path === '' ? field : `${path}.${field}`;
}
