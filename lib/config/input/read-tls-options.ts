import type { ConfigIssue } from '../../errors/server.error.js';
import { copyOptions } from './copy-options.js';
import { CopyReport, unreadable } from './copy-report.js';
import { isRecord } from '../record.js';
import { describeValue } from '../redact.js';
import { ruleIssues } from '../rules/rule-issues.js';
import { TlsConfig } from '../options/tls.js';
import type { TlsOptions } from '../options/tls.js';

/** The options, or why there are none. */
export interface ReadTlsResult {
  /** A frozen copy; only when there is no issue. */
  tls?: TlsOptions;
  /** Every fault; empty when the options are valid. */
  issues: ConfigIssue[];
}

/** What was read and found valid; frozen, so it stays valid, and servers of a pool share it. */
const valid = new WeakSet<object>();

/**
 * Validates TLS options that stand outside a server's own, by the same rules: what is misspelt here
 * would leave its servers open. Never throws and never changes its input.
 */
export function readTlsOptions(
  input: unknown,
  { path, give }: { path: string; give: string },
): ReadTlsResult {
  try {
    if (isRecord(input)) return valid.has(input) ? { tls: input, issues: [] } : read(input, path);
    return {
      issues: [{ path, message: `got ${describeValue(input, { secret: true })}, give ${give}` }],
    };
  } catch (error) {
    // A proxy can throw from any look at it, those of the rules included.
    return { issues: [{ path, message: unreadable(error) }] };
  }
}

function read(input: Record<string, unknown>, path: string): ReadTlsResult {
  const report = new CopyReport();
  const tls = copyOptions(TlsConfig, [{ value: input, inherited: false }], path, report);
  const issues = report.with(ruleIssues(TlsConfig, tls, path));
  if (issues.length > 0) return { issues };
  valid.add(tls);
  return { tls, issues };
}
