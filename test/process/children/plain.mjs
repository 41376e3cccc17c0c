// A pool without Nest, quick to start. Answers `<marker> <pid> <body>`: `plain.mjs [listen] [marker]`.
import { text } from 'node:stream/consumers';
import { Pool, PooledServer } from '../../../dist/index.js';

const [, , listen = '127.0.0.1:0', marker = process.pid] = process.argv;
const odd = {
  '/slow': () => new Promise((resolve) => setTimeout(resolve, 1_000)),
  '/endless': () => new Promise(() => undefined),
  '/exit': () => process.exit(0),
};
const handler = async (request, response) => {
  const body = await text(request);
  if (request.url in odd) console.log(`asked ${request.url}`);
  await odd[request.url]?.();
  response.end(`${marker} ${process.pid} ${body}`);
};
const server = PooledServer.create(
  { name: 'main', listen },
  { handlers: () => ({ default: handler }) },
);
await new Pool({ servers: [server] }).start();
const { address } = server;
console.log(`listens on ${address.path ?? address.port}`);
