import {
  ConflictException,
  Controller,
  Get,
  HttpCode,
  NotFoundException,
  Param,
  Post,
} from '@nestjs/common';
import {
  InjectServer,
  PooledServer,
  PoolService,
  ServerError,
  type DrainReport,
  type PoolStats,
  type ServerStats,
} from 'nestjs-http-pool';

@Controller('servers')
export class ServersController {
  constructor(
    private readonly pool: PoolService,
    @InjectServer('admin') private readonly admin: PooledServer,
  ) {}

  @Get()
  list(): PoolStats {
    return this.pool.stats();
  }

  @Get(':name')
  get(@Param('name') name: string): ServerStats {
    return this.find(name).stats();
  }

  /** Answers when the server has drained, and tells what that took. */
  @Post(':name/stop')
  @HttpCode(200)
  stop(@Param('name') name: string): Promise<DrainReport> {
    const server = this.find(name);
    if (server === this.admin) {
      // The stop would wait for this very request, and nobody could start the server again.
      throw new ConflictException(
        `'${name}' serves this request: it stops with the application, by Ctrl-C`,
      );
    }
    return server.stop();
  }

  @Post(':name/start')
  @HttpCode(200)
  async start(@Param('name') name: string): Promise<ServerStats> {
    const server = this.find(name);
    try {
      await server.start();
    } catch (error) {
      if (error instanceof ServerError) throw new ConflictException(error.message);
      throw error;
    }
    return server.stats();
  }

  private find(name: string): PooledServer {
    const server = this.pool.get(name);
    if (server === undefined) throw new NotFoundException(`There is no server '${name}'`);
    return server;
  }
}
