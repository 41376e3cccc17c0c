import { Module } from '@nestjs/common';
import { HttpPoolModule } from 'nestjs-http-pool';
import { LoadService } from './load/load.service.js';
import { ShopController } from './shop/shop.controller.js';
import { StockController } from './shop/stock.controller.js';

const {
  SHOP_LISTEN = '127.0.0.1:3070',
  STOCK_LISTEN = '127.0.0.1:3071',
  MANAGEMENT_LISTEN = '127.0.0.1:3072',
} = process.env;

@Module({
  imports: [
    HttpPoolModule.forRoot({
      servers: [
        { name: 'shop', listen: SHOP_LISTEN, monitor: { path: '/shop/1' } },
        { name: 'stock', listen: STOCK_LISTEN, maxHandlers: 20 },
        { name: 'spare', listen: '127.0.0.1:0', disabled: true },
      ],
      management: {
        listen: MANAGEMENT_LISTEN,
        // It listens on this machine alone, so whoever reaches it may act. Ask for a login elsewhere.
        dashboard: { actions: () => true },
      },
    }),
    HttpPoolModule.forFeature({ server: 'stock', controllers: [StockController] }),
  ],
  controllers: [ShopController],
  providers: [LoadService],
})
export class AppModule {}
