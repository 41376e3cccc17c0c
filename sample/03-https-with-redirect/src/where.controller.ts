import { All, Controller, Req } from '@nestjs/common';
import type { Request } from 'express';
import { Server, type PooledServer } from 'nestjs-http-pool';

interface Where {
  server: string;
  protocol: string;
  method: string;
}

@Controller('where')
export class WhereController {
  /** How the request came: by which server, and what Express says of it. */
  @All()
  where(@Server() server: PooledServer, @Req() { protocol, method }: Request): Where {
    return { server: server.name, protocol, method };
  }
}
