import { jsonAnswer, textAnswer } from './exchange.js';
import type { Route, Routes } from './management-handler.js';
import { sourceFor, type ManagementSource } from './management-source.js';
import { packageInfo, type PackageInfo } from './package-info.js';
import { readinessAnswer } from './readiness-form.js';

export interface ManagementRoutesOptions {
  /** This process alone. */
  readonly source: ManagementSource;
  /** Shown by `/info` beside the defaults. */
  readonly info?: Readonly<Record<string, unknown>>;
  /** Of the rooms that build on this one. */
  readonly more?: Routes;
}

/** The table of paths, each with what answers it. */
export function managementRoutes({ source, info, more }: ManagementRoutesOptions): Routes {
  const whole = (): ManagementSource => sourceFor(source);
  let found: Promise<PackageInfo> | undefined;
  return new Map<string, Route>([
    ['/livez', { answer: (exchange) => exchange.send(textAnswer(200, 'ok')) }],
    [
      '/startupz',
      {
        answer(exchange) {
          const pending = source.pendingStart();
          const lines = pending !== undefined && exchange.query.has('verbose') ? [pending] : [];
          const status = pending === undefined ? 200 : 503;
          exchange.send(textAnswer(status, [...lines, status === 200 ? 'ok' : 'fail'].join('\n')));
        },
      },
    ],
    [
      '/readyz',
      {
        async answer(exchange) {
          exchange.send(readinessAnswer(await whole().readiness(), exchange));
        },
      },
    ],
    [
      '/health',
      {
        async answer(exchange) {
          const health = await whole().health();
          exchange.send(jsonAnswer(health.status === 'error' ? 503 : 200, health));
        },
      },
    ],
    [
      '/info',
      {
        async answer(exchange) {
          found ??= packageInfo();
          const { version: node, pid } = process;
          const uptime = Math.round(process.uptime() * 1000) / 1000;
          exchange.send(jsonAnswer(200, { ...(await found), node, pid, uptime, ...info }));
        },
      },
    ],
    [
      '/servers',
      {
        async answer(exchange) {
          exchange.send(jsonAnswer(200, await whole().servers()));
        },
      },
    ],
    ...metricsRoute(source, whole),
    ...(more ?? []),
  ]);
}

/** Where there are no metrics it is a path as any other: controllers may have it. */
function metricsRoute(
  { metrics }: ManagementSource,
  whole: () => ManagementSource,
): [string, Route][] {
  if (metrics === undefined) return [];
  const answer: Route['answer'] = async (exchange) => {
    exchange.send((await whole().metrics?.()) ?? textAnswer(404, 'Not Found'));
  };
  return [['/metrics', { answer }]];
}
