import { Controller, Get, Module } from '@nestjs/common';
import { HttpPoolModule } from 'nestjs-http-pool';

@Controller()
class AppController {
  @Get()
  hello() {
    return 'hello';
  }
}

@Controller('jobs')
class JobsController {
  @Get()
  jobs() {
    return 'no jobs';
  }
}

// The management server looks for prom-client, which is not installed here.
@Module({
  imports: [
    HttpPoolModule.forRoot({
      servers: [
        { name: 'web', listen: '127.0.0.1:8080' },
        { name: 'admin', listen: '[::1]:9090' },
      ],
      management: '127.0.0.1:9091',
    }),
    HttpPoolModule.forFeature({ server: 'admin', controllers: [JobsController] }),
  ],
  controllers: [AppController],
})
export class AppModule {}
