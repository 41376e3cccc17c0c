/** The same application on a server of this package. */
import { HttpPoolModule } from '../../dist/index.js';
import { createApplication, port } from './application.js';

const pool = HttpPoolModule.forRoot([{ name: 'public', listen: `127.0.0.1:${port}` }]);
const app = await createApplication([pool]);
await app.init();
