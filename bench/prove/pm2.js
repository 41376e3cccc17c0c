/**
 * pm2 as its documentation has it for a graceful reload: two instances in cluster mode, `wait_ready`, an
 * application that closes at SIGINT. SIGHUP is a `pm2 reload`; SIGTERM ends pm2 and what it runs. `PM2` is the
 * path of its command, `PM2_HOME` a folder of its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const config = join(process.env.PM2_HOME, 'ecosystem.config.json');
const app = {
  name: 'app',
  script: fileURLToPath(new URL('nest-alone.js', import.meta.url)),
  exec_mode: 'cluster',
  instances: 2,
  wait_ready: true,
  listen_timeout: 20_000,
  kill_timeout: 10_000,
};
writeFileSync(config, JSON.stringify({ apps: [app] }));

const start = (...args) =>
  spawn(process.execPath, [process.env.PM2, ...args], { stdio: ['ignore', 2, 2] });
// Its daemon as a child of this process, so that whoever watches the processes sees the workers.
const daemon = start('start', config, '--no-daemon');

let last = Promise.resolve();
process.on('SIGHUP', () => {
  last = last.then(() => once(start('reload', 'app'), 'exit'));
});
process.on('SIGTERM', () => void last.then(() => daemon.kill('SIGTERM')));
daemon.once('exit', () => process.exit());
