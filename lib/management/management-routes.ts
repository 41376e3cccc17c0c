import { jsonAnswer, textAnswer, type Answer, type Exchange } from './exchange.js';
import type { Route, Routes } from './management-handler.js';
import { packageInfo, type PackageInfo } from './package-info.js';
import { readinessAnswer } from './readiness-form.js';
import { wholeOf, type Whole, type WholeMetrics } from './whole/whole.js';

interface ManagementRoutesOptions {
  /** This process alone. */
  readonly alone: Whole;
  /** Why the start of this process is not over; undefined: it is. */
  readonly pendingStart: () => string | undefined;
  /** Shown by `/info` beside the defaults. */
  readonly info?: Readonly<Record<string, unknown>>;
  /** Of the rooms that build on this one. */
  readonly more?: Routes;
}

/** The table of paths, each with what answers it. */
export function managementRoutes(options: ManagementRoutesOptions): Routes {
  const { alone, pendingStart, info, more } = options;
  const whole = (): Whole => wholeOf(alone);
  // Before anybody asks this process, others may have to be told of it.
  whole();
  let found: Promise<PackageInfo> | undefined;
  const answers: Record<string, (exchange: Exchange) => Answer | Promise<Answer>> = {
    '/livez': () => textAnswer(200, 'ok'),
    '/startupz': ({ query }) => startAnswer(pendingStart(), query),
    '/readyz': async (exchange) => readinessAnswer(await whole().readiness(), exchange),
    '/health': async () => {
      const health = await whole().health();
      return jsonAnswer(health.status === 'error' ? 503 : 200, health);
    },
    '/info': async () => {
      found ??= packageInfo();
      const { version: node, pid } = process;
      const uptime = Math.round(process.uptime() * 1000) / 1000;
      return jsonAnswer(200, { ...(await found), node, pid, uptime, ...info });
    },
    '/servers': async () => jsonAnswer(200, await whole().servers()),
    // Where there are no metrics it is a path as any other: controllers may have it.
    ...(alone.metrics && { '/metrics': async () => metricsAnswer(await whole().metrics?.()) }),
  };
  const routes = Object.entries(answers).map(([path, answer]): [string, Route] => [
    path,
    { answer: async (exchange) => exchange.send(await answer(exchange)) },
  ]);
  return new Map([...routes, ...(more ?? [])]);
}

function startAnswer(pending: string | undefined, query: URLSearchParams): Answer {
  if (pending === undefined) return textAnswer(200, 'ok');
  return textAnswer(503, query.has('verbose') ? `[-] ${pending}\nfail` : 'fail');
}

function metricsAnswer(metrics: WholeMetrics | undefined): Answer {
  if (metrics === undefined) return textAnswer(404, 'Not Found');
  return { status: 200, type: metrics.contentType, body: metrics.body };
}
