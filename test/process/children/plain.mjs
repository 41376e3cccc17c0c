// A pool without Nest, quick to start: `plain.mjs [listen] [marker]`.
import { Pool, PooledServer } from 'nestjs-http-pool';

const [, , listen = '127.0.0.1:0', marker = 'plain'] = process.argv;
const handler = (request, response) => {
  if (request.url === '/slow') return void setTimeout(() => response.end('slow'), 1_000);
  response.end(`${marker} ${process.pid}`);
};
const handlers = () => ({ default: handler });
const server = PooledServer.create({ name: 'main', listen }, { handlers });
const pool = new Pool({ servers: [server] });
await pool.start();
const { address } = server;
console.log(`${process.pid} listens on ${address.path ?? address.port}`);
