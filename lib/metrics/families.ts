/** How the same series of several applications, or of several processes, become one. */
export type Aggregator = 'sum' | 'max' | 'min';

/** A metric: its name is that of Prometheus. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /**
   * In OpenTelemetry a gauge that adds up is an UpDownCounter.
   *
   * @defaultValue `'sum'`
   */
  readonly aggregator?: Aggregator;
  /** OpenTelemetry's unit. */
  readonly unit?: string;
}

const HTTP = {
  requestDuration: {
    name: 'http_server_request_duration_seconds',
    help: 'Duration of HTTP server requests, from the end of the header to the end of the answer.',
    type: 'histogram',
    unit: 's',
  },
  activeRequests: {
    name: 'http_server_active_requests',
    help: 'HTTP requests that are not answered to their end.',
    type: 'gauge',
    unit: '{request}',
  },
} as const satisfies Record<string, Family>;

const POOL = {
  up: {
    name: 'http_pool_server_up',
    help: 'Whether the server runs and is not down by its monitor: 1, else 0.',
    type: 'gauge',
    aggregator: 'min',
  },
  uptime: {
    name: 'http_pool_server_uptime_seconds',
    help: 'Since when the server runs; 0 when it does not.',
    type: 'gauge',
    aggregator: 'max',
    unit: 's',
  },
  state: {
    name: 'http_pool_server_state',
    help: 'The state of the server: 1 for the one that it is in, 0 for the others.',
    type: 'gauge',
    aggregator: 'max',
  },
  connections: {
    name: 'http_pool_connections',
    help: 'Open connections, by what they are; tls: in their handshake.',
    type: 'gauge',
    unit: '{connection}',
  },
  accepted: {
    name: 'http_pool_connections_accepted_total',
    help: 'Connections that were accepted.',
    type: 'counter',
    unit: '{connection}',
  },
  refused: {
    name: 'http_pool_connections_refused_total',
    help: 'Connections that were refused, or whose TLS handshake failed.',
    type: 'counter',
    unit: '{connection}',
  },
  cut: {
    name: 'http_pool_connections_cut_total',
    help: 'Connections that were cut because the grace of a stop ran out.',
    type: 'counter',
    unit: '{connection}',
  },
  shed: {
    name: 'http_pool_requests_shed_total',
    help: 'Requests that a limit answered 503 instead of the handler.',
    type: 'counter',
    unit: '{request}',
  },
  drainDuration: {
    name: 'http_pool_drain_duration_seconds',
    help: 'Duration of stops, from the call to the last connection.',
    type: 'histogram',
    unit: 's',
  },
  certificateEnd: {
    name: 'http_pool_tls_certificate_not_after_seconds',
    help: 'When the certificate ends, in Unix time.',
    type: 'gauge',
    aggregator: 'min',
    unit: 's',
  },
  applies: {
    name: 'http_pool_config_applies_total',
    help: 'Lists of configs that were applied, refused, or tried and taken back.',
    type: 'counter',
    unit: '{apply}',
  },
  lastApply: {
    name: 'http_pool_config_last_apply_successful',
    help: 'Whether the last list of configs was applied: 1, else 0. 1 before the first.',
    type: 'gauge',
    aggregator: 'min',
  },
} as const satisfies Record<string, Family>;

/** Every metric of a pool. */
export const FAMILIES = { ...HTTP, ...POOL };

/** How equal series of a metric become one. */
export function aggregatorOf(key: FamilyKey): Aggregator {
  const family: Family = FAMILIES[key];
  return family.aggregator ?? 'sum';
}

export type FamilyKey = keyof typeof FAMILIES;
export type HistogramKey = 'requestDuration' | 'drainDuration';
export type ScalarKey = Exclude<FamilyKey, HistogramKey>;

export const HISTOGRAMS: readonly HistogramKey[] = ['requestDuration', 'drainDuration'];
export const SCALARS = (Object.keys(FAMILIES) as FamilyKey[]).filter(
  (key): key is ScalarKey => FAMILIES[key].type !== 'histogram',
);
