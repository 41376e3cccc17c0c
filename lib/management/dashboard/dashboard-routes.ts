import type { Pool } from '../../pool/pool.js';
import { silentLogger, type PoolLogger } from '../../server/log/pool-logger.js';
import type { PooledServer } from '../../server/pooled-server.js';
import type { Answer } from '../exchange.js';
import type { DashboardOptions } from '../management.config.js';
import type { Route, Routes } from '../management-handler.js';
import { ActionGate } from './action-gate.js';
import { applyConfig, planConfig } from './config-actions.js';
import { DashboardFeed } from './dashboard-feed.js';
import { pageHtml } from './page/page-html.js';
import { PAGE_SCRIPT } from './page/page-script.js';
import { PAGE_STYLE } from './page/page-style.js';
import { serverAction } from './server-actions.js';

interface DashboardParts {
  readonly pool: Pool;
  /** The server that the page is on. */
  readonly own: PooledServer;
  readonly logger?: PoolLogger;
}

/**
 * Only what this server sends is loaded and asked, nothing is sent elsewhere by a form or a frame, and no
 * text of a server can become a script.
 */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE_HEADERS = {
  'Content-Security-Policy': PAGE_POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  // With `no-referrer` a browser may send `Origin: null`, which is refused.
  'Referrer-Policy': 'same-origin',
  'X-Frame-Options': 'DENY',
};

/** The paths of the dashboard; none where it is off, and none that acts without `actions`. */
export function dashboardRoutes(
  dashboard: boolean | DashboardOptions | undefined,
  { pool, own, logger = silentLogger }: DashboardParts,
): Routes {
  if (dashboard === undefined || dashboard === false) return new Map();
  const { actions } = dashboard === true ? ({} as DashboardOptions) : dashboard;
  const feed = new DashboardFeed(pool, own);
  const routes = new Map<string, Route>([
    ['/', file('text/html', pageHtml({ hasActions: actions !== undefined }))],
    ['/dashboard.js', file('text/javascript', PAGE_SCRIPT)],
    ['/dashboard.css', file('text/css', PAGE_STYLE)],
    ['/dashboard/events', { answer: (exchange) => feed.open(exchange) }],
  ]);
  if (actions === undefined) return routes;
  const gate = new ActionGate(actions, own, logger);
  routes.set('/dashboard/action', gate.route(serverAction({ pool, own, logger })));
  routes.set('/dashboard/plan', gate.route(planConfig(pool)));
  routes.set('/dashboard/apply', gate.route(applyConfig({ pool, logger })));
  return routes;
}

function file(type: string, body: string): Route {
  const answer: Answer = {
    status: 200,
    type: `${type}; charset=utf-8`,
    body,
    headers: PAGE_HEADERS,
  };
  return { answer: (exchange) => exchange.send(answer) };
}
