import type { PooledServer } from '../../server/pooled-server.js';
import { SERVER_STATES } from '../../server/server-state.js';
import { SOCKET_KINDS } from '../../server/transport/events/server-events.js';
import type { HistogramKey, ScalarKey } from '../families.js';
import type { HistogramSample, Labels, Sample } from '../sample.js';
import { labelsOfKind } from './request-kind.js';
import type { ServerMeter } from './server-meter.js';

/** A server and what was counted of it. */
export interface MeteredServer {
  readonly server: PooledServer;
  readonly meter: ServerMeter;
}

type Read = (metered: MeteredServer) => readonly Sample[];

const one = (value: number): Sample[] => [{ labels: {}, value }];

const byLabel = (label: string, values: Readonly<Record<string, number>>): Sample[] =>
  Object.entries(values).map(([key, value]) => ({ labels: { [label]: key }, value }));

/** What each metric of a server is, less the label of the server. */
const READ: Record<Exclude<ScalarKey, 'applies' | 'lastApply'>, Read> = {
  activeRequests: ({ meter }) =>
    meter.active.flatMap((value, kind) => {
      const { http_request_method, url_scheme } = labelsOfKind(kind) as Record<string, string>;
      // One more version, and so one more kind, of the same method and scheme is merged into it.
      return value === undefined ? [] : { labels: { http_request_method, url_scheme }, value };
    }) as Sample[],
  up: ({ server }) => one(server.isRunning() && server.health.status !== 'down' ? 1 : 0),
  uptime: ({ server }) => one(server.uptime() / 1000),
  state: ({ server: { state } }) =>
    SERVER_STATES.map((each) => ({ labels: { state: each }, value: each === state ? 1 : 0 })),
  connections: ({ server }) => {
    const counts = server.connectionsByKind();
    return SOCKET_KINDS.map((kind) => ({ labels: { kind }, value: counts[kind] }));
  },
  accepted: ({ meter }) => one(meter.accepted),
  refused: ({ meter }) => byLabel('reason', meter.refused),
  cut: ({ meter }) => byLabel('kind', meter.cut),
  shed: ({ meter }) => byLabel('reason', meter.shed),
  certificateEnd: ({ server }) =>
    (server.stats().certificates ?? []).map(({ names, notAfter }) => ({
      labels: { name: names[0] ?? '' },
      value: Date.parse(notAfter) / 1000,
    })),
};

export function serverSamples(key: keyof typeof READ, metered: MeteredServer): Sample[] {
  const withServer = withServerOf(metered);
  return READ[key](metered).map(({ labels, value }) => ({ labels: withServer(labels), value }));
}

export function serverHistograms(key: HistogramKey, metered: MeteredServer): HistogramSample[] {
  const { durations, drains } = metered.meter;
  const withServer = withServerOf(metered);
  if (key === 'requestDuration') return durations.samples(withServer);
  const { sum, count, buckets } = drains;
  return [{ labels: withServer({}), sum, count, buckets }];
}

/** The name as of now: that of a server may change, and what it has counted stays its own. */
function withServerOf({ server: { name } }: MeteredServer): (labels: Labels) => Labels {
  return (labels) => ({ server: name, ...labels });
}
