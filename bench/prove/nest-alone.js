/** Nest as its documentation has it: `app.listen()` and shutdown hooks. */
import { createApplication, port } from './application.js';

const app = await createApplication();
await app.listen(port, '127.0.0.1');
// pm2 waits for this where it is told to.
process.send?.('ready');
