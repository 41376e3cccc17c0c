import { Controller, Get, Param, ParseIntPipe } from '@nestjs/common';

@Controller('stock')
export class StockController {
  @Get(':item')
  stock(@Param('item', ParseIntPipe) item: number): { item: number; left: number } {
    return { item, left: item % 7 };
  }
}
