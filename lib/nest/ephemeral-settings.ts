import { BindAddress } from '../config/address/bind-address.js';
import { copyOptions } from '../config/input/copy-options.js';
import { CopyReport } from '../config/input/copy-report.js';
import { ServerConfig } from '../config/server.config.js';
import { resolveSettings, type ServerSettings } from '../config/server-settings.js';

const LISTEN = '127.0.0.1:0';
const BIND = BindAddress.parse(LISTEN);

/** On a port of the system's choice where it is TCP, and with no delay before it stops. */
export function ephemeral(settings: ServerSettings): ServerSettings {
  const { bind, shutdown, options } = settings;
  const isToMove = bind.kind === 'tcp' && !bind.equals(BIND);
  if (!isToMove && shutdown.delayMs === 0) return settings;
  const changes = {
    ...(isToMove && { listen: LISTEN }),
    ...(options.shutdown && { shutdown: { delay: 0 } }),
  };
  const sources = [changes, { ...options, tls: options.tls }].map((value) => {
    return { value, inherited: false };
  });
  return resolveSettings(copyOptions(ServerConfig, sources, '', new CopyReport()));
}
