import { Module } from '@nestjs/common';
import { HttpPoolModule } from 'nestjs-http-pool';
import { GreetingController } from './greeting.controller.js';

const {
  PUBLIC_LISTEN = '127.0.0.1:3081',
  MANAGEMENT_LISTEN = '127.0.0.1:3082',
  // Longer than the balancer takes to see that a replica is not ready any more.
  SHUTDOWN_DELAY = '2s',
  BALANCERS = '127.0.0.1',
} = process.env;

/** Without a balancer that speaks it, as in Kubernetes, there is no PROXY header. */
const behindBalancer = { proxyProtocol: 'required', trustedProxies: BALANCERS.split(',') } as const;

@Module({
  imports: [
    HttpPoolModule.forRoot({
      servers: [
        {
          name: 'public',
          listen: PUBLIC_LISTEN,
          ...(BALANCERS !== '' && behindBalancer),
          // Longer than the balancer keeps an idle connection: then it is never the replica that ends
          // one on which a request is on its way.
          idleTimeout: '75s',
          shutdown: { delay: SHUTDOWN_DELAY, timeout: '20s' },
        },
      ],
      management: MANAGEMENT_LISTEN,
    }),
  ],
  controllers: [GreetingController],
})
export class AppModule {}
