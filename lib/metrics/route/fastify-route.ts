import type { IncomingMessage } from 'node:http';

const routeOfRaw = Symbol('nestjs-http-pool.metrics.route');

type Noted = IncomingMessage & { [routeOfRaw]?: string };

/** A request of Fastify. */
interface FastifyRequest {
  readonly raw: IncomingMessage;
  /** Without a URL where no route matched. */
  readonly routeOptions?: { readonly url?: string };
}

/** An instance of Fastify. */
interface FastifyInstance {
  addHook(
    name: 'onRequest',
    hook: (request: FastifyRequest, reply: unknown, done: () => void) => void,
  ): unknown;
}

/**
 * Has an instance of Fastify say which route each request has. To be called before anything else is
 * set up on it: what was registered before has no part in a hook.
 *
 * @see https://fastify.dev/docs/latest/Reference/Request/ `routeOptions`
 */
export function noteFastifyRoutes(instance: unknown): void {
  (instance as FastifyInstance).addHook('onRequest', ({ raw, routeOptions }, _reply, done) => {
    // Also where there is none: then nobody need look any further.
    (raw as Noted)[routeOfRaw] = routeOptions?.url ?? '';
    done();
  });
}

/** Undefined for a request that no such instance has seen. */
export function fastifyRouteOf(request: IncomingMessage): string | undefined {
  return (request as Noted)[routeOfRaw];
}
