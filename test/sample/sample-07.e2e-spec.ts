import { describe, expect, it } from '@jest/globals';
import { ask, text } from '../support/http-client.js';
import { Sample } from './support/sample.js';

describe('sample 07, the dashboard', () => {
  const sample = new Sample('07-dashboard', {
    SHOP_LISTEN: '127.0.0.1:0',
    STOCK_LISTEN: '127.0.0.1:0',
    MANAGEMENT_LISTEN: '127.0.0.1:0',
  });

  it('serves the shop and the stock, each on its own server', async () => {
    const { urls } = await sample.serve();
    expect(await text(`${urls.shop}/shop/7`)).toBe('{"item":7,"price":107}');
    expect(await text(`${urls.stock}/stock/8`)).toBe('{"item":8,"left":1}');
    expect((await ask(`${urls.shop}/stock/8`)).status).toBe(404);
  });

  it('serves the page, and counts the load that it makes itself', async () => {
    const { urls } = await sample.serve();
    const page = await ask(`${urls.management}/`);
    expect(page.status).toBe(200);
    expect(page.body).toContain('<html lang="en"');
    const series = /http_server_request_duration_seconds_count\{[^}]*server="stock"[^}]*\} (\d+)/;
    for (;;) {
      const [, count] = series.exec(await text(`${urls.management}/metrics`)) ?? [];
      if (Number(count) > 3) break;
    }
  });

  it('drains and exits with 0 on Ctrl-C', async () => {
    const { child } = await sample.serve();
    child.interrupt();
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });
});
