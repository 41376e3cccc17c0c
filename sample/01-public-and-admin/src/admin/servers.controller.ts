import {
  ConflictException,
  Controller,
  Get,
  HttpCode,
  HttpStatus,
  Logger,
  NotFoundException,
  Param,
  Post,
  Res,
} from '@nestjs/common';
import {
  PooledServer,
  PoolService,
  Server,
  ServerError,
  type DrainReport,
  type PoolStats,
  type ServerStats,
} from 'nestjs-http-pool';

@Controller('servers')
export class ServersController {
  private readonly logger = new Logger(ServersController.name);

  constructor(private readonly pool: PoolService) {}

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
  async stop(
    @Param('name') name: string,
    @Server() current: PooledServer,
    @Res({ passthrough: true }) response: { status(code: number): unknown },
  ): Promise<DrainReport | ServerStats> {
    const server = this.find(name);
    const stopped = server.stop();
    if (server !== current) return stopped;
    // The drain waits for the answer to this very request: an answer that waited for the drain would be
    // cut when the grace is over. So this one says that the stop has begun; the log tells of its end.
    stopped.catch((error: Error) => this.logger.error(error.message));
    response.status(HttpStatus.ACCEPTED);
    return server.stats();
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
