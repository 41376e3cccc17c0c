// HTTPS and HTTP/2 without Nest, quick to start: `secure.mjs <cert> <key>`.
import { Pool, PooledServer } from '../../dist/index.js';

const [, , cert, key] = process.argv;
const handlers = () => ({
  default: (request, response) => {
    request.resume();
    request.once('end', () => response.end(String(process.pid)));
  },
});
const servers = ['http1', 'http2'].map((protocol) =>
  PooledServer.create(
    { name: protocol, listen: '127.0.0.1:0', protocol, tls: { certs: [{ cert, key }] } },
    { handlers },
  ),
);
await new Pool({ servers }).start();
for (const { name, url } of servers) console.log(`${name} listens on ${url}`);
