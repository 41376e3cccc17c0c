import { EventEmitter } from 'node:events';
import { Server as HttpServer, type RequestListener } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { InnerServer } from './inner-server.js';

/**
 * Where to listen for the requests of a server: the server, or what emits them in its stead.
 *
 * Instrumentations, OpenTelemetry's among them, trace requests by a patched `emit` of the servers of
 * node:http and node:https, and leave out those of node:http2. Where there is such a patch, and none
 * of an instrumentation that knows HTTP/2, its requests go through a server of the patched kind
 * that does nothing else: each is one span, as it is over HTTP/1.
 *
 * @see https://github.com/open-telemetry/opentelemetry-js/tree/main/experimental/packages/opentelemetry-instrumentation-http
 */
export function requestEmitter(inner: InnerServer, { secure }: { secure: boolean }): EventEmitter {
  if (inner instanceof HttpServer || inner instanceof HttpsServer) return inner;
  const traced: EventEmitter = secure ? new HttpsServer() : new HttpServer();
  if (!isPatched(traced) || isPatched(inner)) return inner;
  const handOn: RequestListener = (request, response) =>
    void traced.emit('request', request, response);
  inner.on('request', handOn as (...args: unknown[]) => void);
  return traced;
}

function isPatched(emitter: EventEmitter): boolean {
  return Reflect.get(emitter, 'emit') !== Reflect.get(EventEmitter.prototype, 'emit');
}
