// A pool without Nest, quick to start. Answers `<marker> <pid> <body>`: `plain.mjs [listen] [marker]`.
import { text } from 'node:stream/consumers';
import { Pool, PooledServer } from 'nestjs-http-pool';

const [, , listen = '127.0.0.1:0', marker = process.pid] = process.argv;
const handler = async (request, response) => {
  const body = await text(request);
  if (request.url === '/slow') await new Promise((resolve) => setTimeout(resolve, 1_000));
  response.end(`${marker} ${process.pid} ${body}`);
};
const server = PooledServer.create(
  { name: 'main', listen },
  { handlers: () => ({ default: handler }) },
);
await new Pool({ servers: [server] }).start();
const { address } = server;
console.log(`listens on ${address.path ?? address.port}`);
