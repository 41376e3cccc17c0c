import { Controller, Get, Param, ParseIntPipe } from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';

/** Answers as a shop would that asks a database: most of the time quickly. */
@Controller('shop')
export class ShopController {
  @Get(':item')
  async item(@Param('item', ParseIntPipe) item: number): Promise<{ item: number; price: number }> {
    await wait(item % 10 === 0 ? 40 : 4);
    return { item, price: 100 + item };
  }
}
