import type { Labels } from '../sample.js';

/** Attributes as OpenTelemetry has them. */
export type Attributes = Record<string, string | number>;

/** The official names of what is not a word alone. */
const OFFICIAL: Readonly<Record<string, string>> = {
  http_request_method: 'http.request.method',
  http_response_status_code: 'http.response.status_code',
  http_route: 'http.route',
  url_scheme: 'url.scheme',
  network_protocol_version: 'network.protocol.version',
};

/** A label that says nothing is no attribute, and a status is a number. */
export function attributesOf(labels: Labels): Attributes {
  const known = Object.entries(labels).filter(([, value]) => value !== '');
  return Object.fromEntries(
    known.map(([label, value]) => {
      const name = OFFICIAL[label] ?? label;
      return [name, label === 'http_response_status_code' ? Number(value) : value];
    }),
  );
}
