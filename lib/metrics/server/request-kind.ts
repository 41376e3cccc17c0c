import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Labels } from '../sample.js';

/**
 * The methods that OpenTelemetry knows; others are `_OTHER`, for over HTTP/2 a method is whatever a
 * client makes up.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
 */
const METHODS = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'CONNECT', 'TRACE'];
const NAMES = [...METHODS, '_OTHER'];
const INDEX = new Map(METHODS.map((method, at) => [method, at]));

const VERSIONS = ['1.0', '1.1', '2'] as const;
const SCHEMES = ['http', 'https'] as const;

/** So many kinds there are: whatever clients send is one of them. */
export const KINDS: number = NAMES.length * VERSIONS.length * SCHEMES.length;

/** What is known of a request from its first moment, as one number: its method, version and scheme. */
export function kindOf(request: IncomingMessage): number {
  const method = INDEX.get(request.method ?? '') ?? METHODS.length;
  const { stream } = request as unknown as Partial<Http2ServerRequest>;
  // Not by the version alone: a client of HTTP/1 may write any.
  if (stream !== undefined) return pack(method, 2, stream.session?.encrypted === true);
  const version = request.httpVersionMajor === 1 && request.httpVersionMinor === 1 ? 1 : 0;
  const isLater = request.httpVersionMajor > 1;
  return pack(method, isLater ? 1 : version, (request.socket as TLSSocket).encrypted === true);
}

function pack(method: number, version: number, secure: boolean): number {
  return (method * VERSIONS.length + version) * SCHEMES.length + (secure ? 1 : 0);
}

/** The labels of a kind. */
export function labelsOfKind(kind: number): Labels {
  const scheme = kind % SCHEMES.length;
  const rest = (kind - scheme) / SCHEMES.length;
  const version = rest % VERSIONS.length;
  return {
    http_request_method: NAMES[(rest - version) / VERSIONS.length] as string,
    url_scheme: SCHEMES[scheme] as string,
    network_protocol_version: VERSIONS[version] as string,
  };
}
