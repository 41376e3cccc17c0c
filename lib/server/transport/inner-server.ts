import { createServer as createHttp, maxHeaderSize, type Server as HttpServer } from 'node:http';
import {
  createSecureServer,
  createServer as createH2c,
  type Http2SecureServer,
  type Http2Server,
  type ServerOptions,
} from 'node:http2';
import { createServer as createHttps, type Server as HttpsServer } from 'node:https';
import type { SecureContext, TLSSocket } from 'node:tls';
import type { ServerSettings } from '../../config/server-settings.js';
import type { TlsMaterial } from '../../tls/tls-material.js';
import { OwnedResponse } from './http2/owned-response.js';
import { lookIntervalMs } from './limits/look-interval.js';
import {
  allowHalfOpen,
  checkTimeoutsEvery,
  keepOpen,
  limitHead,
  requireHost,
} from './node/node-server.js';
import { useMaterial, withoutContext } from './node/node-tls.js';

/** A server of Node's that never listens: connections are handed to it. */
export type InnerServer = HttpServer | HttpsServer | Http2Server | Http2SecureServer;

/** The HTTP/1 properties; an HTTP/2 server over TLS reads them for its HTTP/1.1 fallback. */
type Http1Properties = Pick<
  HttpServer,
  'headersTimeout' | 'requestTimeout' | 'keepAliveTimeout' | 'maxHeadersCount'
> & {
  /** From Node 22.19 and 24.6 on; before, it is a constant of Node's. */
  keepAliveTimeoutBuffer?: number;
};

/**
 * Node keeps an idle connection for so long beyond `keepAliveTimeout`, which is what its answers
 * promise by `Keep-Alive: timeout=N`. Without it a client that asks just before the promised end
 * is answered by a reset.
 *
 * @see https://nodejs.org/docs/latest-v24.x/api/http.html#serverkeepalivetimeoutbuffer
 */
const keepAliveBufferMs = 1000;

/**
 * Of those that a client has not answered. Node allows ten, and `Http2Watch` may send more until it gives a
 * silent client up.
 */
const maxOutstandingPings = 1000;

type SniCallback = (
  this: TLSSocket,
  servername: string,
  done: (error: null, context?: SecureContext) => void,
) => void;

/**
 * @param sni Looked up on each handshake, so that a reload of certificates needs no new server.
 */
export function createInnerServer(
  settings: ServerSettings,
  material: TlsMaterial | undefined,
  sni: (servername: string, socket: TLSSocket) => SecureContext | undefined,
): InnerServer {
  const inner = create(settings, material, function (name, done) {
    done(null, sni(name, this));
  });
  requireHost(inner);
  keepOpen(inner);
  allowHalfOpen(inner);
  applyTimeouts(inner, settings);
  return inner;
}

function create(
  settings: ServerSettings,
  material: TlsMaterial | undefined,
  SNICallback: SniCallback,
): InnerServer {
  if (material === undefined) {
    return settings.protocol === 'http2' ? createH2c(http2Options(settings)) : createHttp();
  }
  const secure = {
    ...withoutContext,
    requestCert: material.requestCert,
    rejectUnauthorized: material.rejectUnauthorized,
    handshakeTimeout: settings.timeouts.handshakeMs,
    SNICallback,
  };
  const server =
    settings.protocol === 'http2'
      ? createSecureServer({ ...secure, ...http2Options(settings), allowHTTP1: true })
      : createHttps(secure);
  useMaterial(server, material);
  return server;
}

function http2Options({ http2, limits }: ServerSettings): ServerOptions {
  return {
    maxOutstandingPings,
    Http2ServerResponse: OwnedResponse,
    settings: {
      maxConcurrentStreams: http2.maxConcurrentStreams,
      maxFrameSize: http2.maxReadFrameSize,
      initialWindowSize: http2.maxUploadBufferPerStream,
      maxHeaderListSize: limits.maxHeaderBytes ?? maxHeaderSize,
    },
  };
}

/** Sets what Node reads anew for each connection or request: these change live. */
export function applyTimeouts(inner: InnerServer, settings: ServerSettings): void {
  const { readMs, readHeaderMs, idleMs } = settings.timeouts;
  const target = inner as unknown as Http1Properties;
  target.requestTimeout = readMs;
  target.headersTimeout = readHeaderMs;
  // The promise is what is made shorter: the connection ends when the config says.
  target.keepAliveTimeout = idleMs && Math.max(1, idleMs - keepAliveBufferMs);
  target.keepAliveTimeoutBuffer = idleMs - target.keepAliveTimeout;
  limitHead(inner, settings.limits.maxHeaderBytes);
  startTimeoutChecker(inner, settings);
}

/** Node looks for expired requests every 30 s, so a timeout of one second could last thirty-one. */
const checkingRangeMs = [50, 30_000] as const;

/** Starts Node's timeout checker, or starts it anew, at an interval that suits the timeouts. */
function startTimeoutChecker(inner: InnerServer, settings: ServerSettings): void {
  const { readMs, readHeaderMs } = settings.timeouts;
  checkTimeoutsEvery(inner, lookIntervalMs([readMs, readHeaderMs], checkingRangeMs));
}
