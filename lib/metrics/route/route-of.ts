import type { IncomingMessage } from 'node:http';
import { asServed } from '../../handler/http2/stream-messages.js';
import { expressRouteOf } from './express-route.js';
import { fastifyRouteOf } from './fastify-route.js';

/**
 * The template of the route that a request was served by, as its adapter spells it; `''` where nobody
 * knows it. Never a path: what clients make up must not become a label.
 */
export function routeOf(request: IncomingMessage): string {
  // Express was given a request of HTTP/2 in another form, and has told that one its route.
  return fastifyRouteOf(request) ?? expressRouteOf(asServed(request)) ?? '';
}
