import { Controller, Get } from '@nestjs/common';
import { PoolService } from 'nestjs-http-pool';

interface Info {
  node: string;
  pid: number;
  uptimeMs: number;
  /** The addresses by the names of the servers. */
  servers: Record<string, string>;
}

@Controller('info')
export class InfoController {
  constructor(private readonly pool: PoolService) {}

  @Get()
  info(): Info {
    return {
      node: process.version,
      pid: process.pid,
      uptimeMs: Math.round(this.pool.uptime()),
      servers: Object.fromEntries([...this.pool].map(({ name, expose }) => [name, expose])),
    };
  }
}
