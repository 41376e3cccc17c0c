import { Injectable } from '@nestjs/common';
import { PoolService } from 'nestjs-http-pool';
import { Gauge } from 'prom-client';

/** What the pool knows of each server, read when Prometheus asks. */
@Injectable()
export class ServerMetrics {
  constructor(pool: PoolService) {
    new Gauge({
      name: 'http_server_up',
      help: '1 while the server runs, 0 while it drains or is stopped',
      labelNames: ['server'],
      collect() {
        for (const { name, state } of pool) this.set({ server: name }, Number(state === 'running'));
      },
    });
    new Gauge({
      name: 'http_server_requests_in_flight',
      help: 'Requests that are not answered to their end',
      labelNames: ['server'],
      collect() {
        for (const { name, inFlight } of pool.stats().servers) this.set({ server: name }, inFlight);
      },
    });
  }
}
