import { asksFor } from './accept.js';
import { TEXT, textAnswer, type Answer, type Exchange } from './exchange.js';
import type { Readiness, ReadinessStatus, ServerReadiness } from './whole/readiness.js';

/** @see https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-06 */
const HEALTH_JSON = 'application/health+json';
const VARY = { Vary: 'Accept' };
const STATUS_OF = { up: 'pass', degraded: 'warn', down: 'fail' } as const;
const WORDS = { pass: 'ok', warn: 'warn', fail: 'fail' };

/**
 * A probe reads the status code and nothing else; the body is for people, line by line with
 * `?verbose`, and for programs that ask for it by name.
 */
export function readinessAnswer(found: Readiness, { request, query }: Exchange): Answer {
  const status = found.status === 'fail' ? 503 : 200;
  if (asksFor(request.headers.accept, HEALTH_JSON, TEXT.split(';')[0] ?? '')) {
    const body = JSON.stringify(toHealthJson(found));
    return { status, type: `${HEALTH_JSON}; charset=utf-8`, body, headers: VARY };
  }
  const lines = query.has('verbose') ? verbose(found) : [];
  return textAnswer(status, [...lines, WORDS[found.status]].join('\n'), VARY);
}

function verbose({ reason, servers }: Readiness): string[] {
  const lines = servers.map((server) => {
    const { name, disabled, message } = server;
    const is = disabled ? 'disabled' : server.status;
    return `[${SIGNS[STATUS_OF[server.status]]}] ${name} ${is}${message ? `: ${message}` : ''}`;
  });
  if (reason !== undefined) lines.unshift(`[${SIGNS.fail}] ${reason}`);
  return lines.map(oneLine);
}

const SIGNS: Record<ReadinessStatus, string> = { pass: '+', warn: '!', fail: '-' };

function toHealthJson({ status, reason, servers }: Readiness): object {
  const checks = servers.map((server) => [componentName(server), [toCheck(server)]] as const);
  return { status, output: reason, checks: Object.fromEntries(checks) };
}

/** In the name of a check a colon would set off what was measured. */
function componentName({ name }: ServerReadiness): string {
  return name.replaceAll(':', '%3A');
}

function toCheck({ status, disabled, message }: ServerReadiness): object {
  const observedValue = disabled ? 'disabled' : status;
  return { componentType: 'component', observedValue, status: STATUS_OF[status], output: message };
}

/** The message of an error may have any form; here each line is one server. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
