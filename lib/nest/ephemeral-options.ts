import { BindAddress } from '../config/address/bind-address.js';
import { isRecord } from '../config/record.js';
import type { ServerOptions } from '../config/server.config.js';
import type { OptionsRewrite } from './options-rewrite.js';

const EPHEMERAL = '127.0.0.1:0';

/** Every TCP server on a port of the system's choice, and none with a delay before it stops. */
export const withEphemeralServers: OptionsRewrite = (options) => ({
  ...options,
  ...(isTcp(options.listen) && { listen: EPHEMERAL }),
  ...(isRecord(options.shutdown) && {
    shutdown: Object.assign({}, options.shutdown, { delay: 0 }),
  }),
});

/** What is no address stays, to be told as the fault that it is. */
function isTcp(listen: unknown): listen is ServerOptions['listen'] {
  try {
    return BindAddress.parse(listen as string).kind === 'tcp';
  } catch {
    return false;
  }
}
