import type { ServerSettings } from '../../config/server-settings.js';
import type { DefaultTls } from '../../tls/default-tls.js';
import { readTls } from '../../tls/read-tls.js';
import type { TlsMaterial } from '../../tls/tls-material.js';
import { unlessGivenUp, type StageOptions } from './staged-change.js';

/** A function of the default TLS may never answer, which must not keep a server from being stopped. */
export function readMaterial(
  settings: ServerSettings,
  defaultTls: DefaultTls | undefined,
  options: StageOptions,
): Promise<TlsMaterial | undefined> {
  const reading = readTls(settings, defaultTls);
  const mayNeverAnswer = settings.tls?.inheritDefault === true && typeof defaultTls === 'function';
  return mayNeverAnswer ? unlessGivenUp(reading, options) : reading;
}
