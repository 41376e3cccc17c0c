import { Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { PoolService } from 'nestjs-http-pool';

/** How often the shop and the stock are asked by each client, in ms. */
const pauseMs = 40;

const clients = 4;

/** Asks the servers of this process, so that there is something to see. A real application has users. */
@Injectable()
export class LoadService implements OnModuleInit, BeforeApplicationShutdown {
  private readonly timers: NodeJS.Timeout[] = [];
  private asked = 0;

  constructor(private readonly pool: PoolService) {}

  onModuleInit(): void {
    for (let client = 0; client < clients; client += 1) {
      this.timers.push(setInterval(() => void this.ask(), pauseMs + 7 * client));
    }
  }

  beforeApplicationShutdown(): void {
    this.timers.forEach((timer) => clearInterval(timer));
  }

  private async ask(): Promise<void> {
    this.asked += 1;
    const item = this.asked % 25;
    for (const [server, path] of [
      ['shop', `/shop/${item}`],
      ['stock', `/stock/${item}`],
    ] as const) {
      const url = this.pool.get(server)?.url;
      // A server that was stopped on the page is not there to be asked.
      if (url)
        await fetch(`${url}${path}`).then(
          (answer) => answer.text(),
          () => undefined,
        );
    }
  }
}
