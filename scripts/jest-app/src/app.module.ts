import { Controller, Get, Module } from '@nestjs/common';
import { HttpPoolModule } from 'nestjs-http-pool';

@Controller()
class AppController {
  @Get()
  hello() {
    return 'hello';
  }
}

@Module({
  imports: [HttpPoolModule.forRoot([{ name: 'web', listen: '127.0.0.1:0' }])],
  controllers: [AppController],
})
export class AppModule {}
