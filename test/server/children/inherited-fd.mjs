// Serves on the descriptor it inherits, as under systemd socket activation.
import { Pool } from '../../../dist/index.js';

const handlers = () => ({ default: (_request, response) => response.end('inherited') });
const pool = new Pool({ handlers });
const server = await pool.storeNew({ name: 'a', listen: 'fd:3' }, { start: true });
process.once('disconnect', () => void pool.stop());
const leave = async () => {
  await pool.stop();
  process.send(await pool.start().then(() => 'started', String));
  process.disconnect();
};
process.once('message', () => void leave());
process.send([server.url, ...pool.list('bind', 'name', 'fd:3')]);
