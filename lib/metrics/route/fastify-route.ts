import type { IncomingMessage } from 'node:http';

const routeOfRaw = Symbol('nestjs-http-pool.metrics.route');

type Noted = IncomingMessage & { [routeOfRaw]?: string | FastifyRequest };

/** A request of Fastify. */
interface FastifyRequest {
  readonly raw: IncomingMessage;
  /** Made anew by each look at it. Without a URL where no route matched. */
  readonly routeOptions?: { readonly url?: string };
}

type OnRequest = (request: FastifyRequest, reply: unknown, done: () => void) => void;

/** A route that is being registered. */
interface FastifyRoute {
  readonly url: string;
  onRequest?: OnRequest | OnRequest[];
}

/** An instance of Fastify. */
interface FastifyInstance {
  addHook(name: 'onRequest', hook: OnRequest): unknown;
  addHook(name: 'onRoute', hook: (route: FastifyRoute) => void): unknown;
}

/**
 * Has an instance of Fastify say which route each request has. To be called before anything else is
 * set up on it: what was registered before has no part in a hook.
 *
 * Each route notes its own URL, for to ask a request for its route makes an object of a dozen fields. Its
 * hook comes after those of the instance: a request that one of them answers is asked, at its end.
 *
 * @see https://fastify.dev/docs/latest/Reference/Hooks/#onroute
 * @see https://fastify.dev/docs/latest/Reference/Request/ `routeOptions`
 */
export function noteFastifyRoutes(instance: unknown): void {
  const fastify = instance as FastifyInstance;
  fastify.addHook('onRequest', (request, _reply, done) => {
    (request.raw as Noted)[routeOfRaw] = request;
    done();
  });
  fastify.addHook('onRoute', (route) => {
    const { url, onRequest = [] } = route;
    const note: OnRequest = ({ raw }, _reply, done) => {
      (raw as Noted)[routeOfRaw] = url;
      done();
    };
    route.onRequest = [note, ...[onRequest].flat()];
  });
}

/** Empty where no route matched; undefined for a request that no such instance has seen. */
export function fastifyRouteOf(request: IncomingMessage): string | undefined {
  const noted = (request as Noted)[routeOfRaw];
  return typeof noted === 'object' ? (noted.routeOptions?.url ?? '') : noted;
}
