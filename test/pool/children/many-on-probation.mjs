// Has more servers on probation at once than a signal of Node's has listeners without a warning, and tells of each warning.
import { Pool } from '../../../dist/index.js';

process.on('warning', ({ message }) => console.log(message));

const pool = new Pool({ handlers: () => ({ default: (_request, response) => response.end() }) });
const list = Array.from({ length: 12 }, (_, at) => ({ name: `s${at}`, listen: '127.0.0.1:0' }));
await pool.start();
await pool.apply(list, { probation: 20 });
console.log(`${pool.size} running`);
await pool.stop();
