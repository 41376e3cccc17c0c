import { Body, Controller, Get, Ip, Param, Post } from '@nestjs/common';

@Controller('greeting')
export class GreetingController {
  /** `from` is the client's address, and not the balancer's: HAProxy tells it by the PROXY protocol. */
  @Get(':name')
  greet(@Param('name') name: string, @Ip() from: string): object {
    return { greeting: `Hello, ${name}`, from, replica: process.pid };
  }

  @Post(':name')
  reply(@Param('name') name: string, @Body() body: unknown): object {
    return { greeting: `Hello, ${name}`, body, replica: process.pid };
  }
}
