// Reads its servers from a file, again at each SIGHUP, and tells what came of it: docs/reload.md
// without Nest.
import { Pool, readServersFile } from '../../../dist/index.js';

const [, , file] = process.argv;
const says = (text) => (_request, response) => response.end(text);
const pool = new Pool({ handlers: () => ({ default: says('first'), second: says('second') }) });

// The parent may be gone before the last reload is told of.
const tell = (report) => process.connected && process.send(report);

async function read() {
  try {
    const { steps } = await pool.apply(await readServersFile(file));
    const servers = [...pool].map(({ name, url, state }) => ({ name, url, state }));
    tell({ actions: steps.map(({ server, action }) => `${server} ${action}`), servers });
  } catch (error) {
    tell({ error: error.message });
  }
}

let last = Promise.resolve();
const reload = () => (last = last.then(read));

process.on('SIGHUP', () => void reload());
process.once('disconnect', () => void pool.stop());
await pool.start();
await reload();
