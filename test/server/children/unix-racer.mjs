// Starts a server on the address that it is told, and says what came of it; stops it when it is told the next.
import { PooledServer } from '../../../dist/index.js';

const handlers = () => ({ default: (_request, response) => response.end(String(process.pid)) });
let server;

process.on('message', async (listen) => {
  await server?.stop({ timeout: 0 });
  if (listen === '') return process.send('stopped');
  server = PooledServer.create({ name: 'a', listen }, { handlers });
  try {
    await server.start();
    process.send('running');
  } catch (error) {
    process.send(error.code);
  }
});
process.once('disconnect', () => server?.stop({ timeout: 0 }));
process.send('ready');
