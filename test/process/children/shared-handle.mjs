/** A primary whose worker listens by the primary's maker of handles, and says what for it was asked. */
import cluster from 'node:cluster';
import { createServer } from 'node:net';
import {
  createServerHandle,
  interceptServerHandles,
} from '../../../dist/process/run/sockets/server-handles.js';

if (cluster.isPrimary) {
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  interceptServerHandles((request) => {
    console.log('asked for', request.address, request.port);
    return createServerHandle(request);
  });
  cluster.fork();
} else {
  createServer().listen(0, '127.0.0.1', () => process.exit());
}
