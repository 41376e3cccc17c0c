import { validateSync, type ValidationError } from 'class-validator';
import type { ConfigIssue } from '../../errors/server.error.js';
import { joinPath } from './key-path.js';

/** The faults that the decorators of a config find, with their full key paths. */
export function ruleIssues(config: object, path: string): ConfigIssue[] {
  const errors = validateSync(config, { validationError: { target: false } });
  return errors.flatMap((error) => issuesOf(error, path, config));
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
