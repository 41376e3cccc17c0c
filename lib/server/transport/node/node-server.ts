import { Server as HttpServer } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import { Server as NetServer, type Socket } from 'node:net';
import { warnOfNode } from '../../../errors/warn-once.js';

/*
 * What is set of Node's servers beyond their documented properties: most of it is documented as an option, which
 * can't change, or which a server of HTTP/2 does not take for the HTTP/1.1 that it falls back to. Read from
 * `_http_server.js` and `internal/http2/core.js` of Node 20.20, 22.23, 24.21 and 26.12; where a version lacks
 * it, it is said once, and the canary test beside this file fails by name.
 */

interface ServerProperties {
  requireHostHeader?: boolean;
  httpAllowHalfOpen?: boolean;
  maxHeaderSize?: number;
  connectionsCheckingInterval?: number;
}

/** Refuses requests of HTTP/1.1 without a `Host`; Node leaves those out that fall back from HTTP/2. */
export function requireHost(server: object): void {
  set(server, 'requireHostHeader', true);
}

/** Answers a client that has ended its side. Without, Node drops what the handler says late. */
export function allowHalfOpen(server: object): void {
  set(server, 'httpAllowHalfOpen', true);
}

/** @param bytes Of the head of a request, from the next connection on; undefined is Node's own limit */
export function limitHead(server: object, bytes: number | undefined): void {
  set(server, 'maxHeaderSize', bytes);
}

/**
 * Starts Node's timeout checker, or starts it anew: Node starts it when a server listens, and this one
 * never does. The interval is set here, for an HTTP/2 server of Node 20 ignores the option of that name
 * and would look every 30 s.
 */
export function checkTimeoutsEvery(
  server: { emit(event: 'listening'): boolean },
  ms: number,
): void {
  set(server, 'connectionsCheckingInterval', ms);
  server.emit('listening');
}

/**
 * A handler finds this server on its socket, and may close it: Node would look for expired requests no more, and end
 * connections that are idle, and from Node 24 on HTTP/2 sessions. Whoever closes it is told, as of any server that does
 * not listen, that it does not run.
 */
export function keepOpen(server: NetServer): void {
  server.close = closeNothing;
}

function closeNothing(this: NetServer, done?: (error?: Error) => void): NetServer {
  return NetServer.prototype.close.call(this, done);
}

/** Node shows the server of HTTP on the sockets of all protocols but HTTP/2 without TLS, where a handler would close the listener. */
export function showOn(socket: Socket, server: object): void {
  (socket as Socket & { server?: object }).server = server;
}

/** Ends what {@link checkTimeoutsEvery} has started. */
export function closeServer(server: NetServer): void {
  Reflect.deleteProperty(server, 'close');
  // It never listened, and Node says so in the callback: there is nothing to be told.
  server.close(() => undefined);
}

function set<Key extends keyof ServerProperties>(
  server: object,
  key: Key,
  value: ServerProperties[Key],
): void {
  if (isOfHttp1(server) && !(key in server)) {
    warnOfNode(
      `has no ${key} on its servers, which nestjs-http-pool sets: a timeout or a limit of a config may not hold`,
    );
  }
  (server as ServerProperties)[key] = value;
}

/** A server of HTTP/2 has some of them from the first time on that they are set. */
function isOfHttp1(server: object): boolean {
  return server instanceof HttpServer || server instanceof HttpsServer;
}
