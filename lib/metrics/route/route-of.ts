import type { IncomingMessage } from 'node:http';
import { expressRouteOf } from './express-route.js';
import { fastifyRouteOf } from './fastify-route.js';

/**
 * The template of the route that a request was served by, as its adapter spells it; `''` where nobody
 * knows it. Never a path: what clients make up must not become a label.
 */
export function routeOf(request: IncomingMessage): string {
  return fastifyRouteOf(request) ?? expressRouteOf(request) ?? '';
}
