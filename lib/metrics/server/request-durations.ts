import { HistogramSeries } from '../histogram.js';
import type { HistogramSample, Labels } from '../sample.js';
import { KINDS, labelsOfKind } from './request-kind.js';

/** Adds the name of the server, which may change, to what a series says of its requests. */
type WithServer = (labels: Labels) => Labels;

/** One series of requests that are alike in all that is told of them. */
interface RequestSeries {
  readonly labels: Labels;
  readonly durations: HistogramSeries;
}

/**
 * The durations of the requests of one server. A series is found by two look-ups of what is there
 * already, and no text is put together for it.
 */
export class RequestDurations {
  private readonly byRoute = new Map<string, Map<number, RequestSeries>>();

  constructor(private readonly bounds: readonly number[]) {}

  /** @param status 0 where none was sent */
  series(route: string, status: number, kind: number): RequestSeries {
    const code = status * KINDS + kind;
    const found = this.byRoute.get(route)?.get(code);
    return found ?? this.add(route, code, labelsOf(route, status, kind));
  }

  samples(withServer: WithServer): HistogramSample[] {
    const all = [...this.byRoute.values()].flatMap((series) => [...series.values()]);
    return all.map(({ labels, durations }) => {
      const { sum, count, buckets } = durations;
      return { labels: withServer(labels), sum, count, buckets };
    });
  }

  reset(): void {
    this.byRoute.clear();
  }

  private add(route: string, code: number, labels: Labels): RequestSeries {
    const series = { labels, durations: new HistogramSeries(this.bounds) };
    const ofRoute = this.byRoute.get(route) ?? new Map<number, RequestSeries>();
    this.byRoute.set(route, ofRoute.set(code, series));
    return series;
  }
}

function labelsOf(route: string, status: number, kind: number): Labels {
  const { http_request_method, url_scheme, network_protocol_version } = labelsOfKind(kind);
  return {
    http_request_method: http_request_method as string,
    http_response_status_code: status === 0 ? '' : String(status),
    http_route: route,
    url_scheme: url_scheme as string,
    network_protocol_version: network_protocol_version as string,
  };
}
