import { Controller, Get, Param } from '@nestjs/common';

@Controller('greeting')
export class GreetingController {
  @Get(':name')
  greet(@Param('name') name: string): { greeting: string } {
    return { greeting: `Hello, ${name}` };
  }
}
