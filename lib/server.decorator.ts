import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { socketBeneath } from './server/drain/ws.js';
import type { PooledServer } from './server/pooled-server.js';
import { serverOf } from './server/server-of.js';

/** A client of a gateway: socket.io's has the request of its handshake. */
interface GatewayClient {
  readonly request?: { readonly socket: unknown };
}

/**
 * The {@link PooledServer} that accepted the request, as a parameter of a route or of a gateway's
 * message handler. Undefined for a request that came by another way, such as `app.listen()`.
 *
 * @example
 * \@Get()
 * where(@Server() server: PooledServer) {
 *   return server.name;
 * }
 * @see {@link serverOf} where there are no parameters to decorate
 */
export const Server = createParamDecorator(
  (_data: unknown, context: ExecutionContext): PooledServer | undefined => {
    if (context.getType() === 'http') return serverOf(context.switchToHttp().getRequest());
    if (context.getType() !== 'ws') return undefined;
    const client = context.switchToWs().getClient<GatewayClient>();
    return serverOf(client.request ?? { socket: socketBeneath(client) });
  },
);
