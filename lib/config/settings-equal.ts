import { isDeepStrictEqual } from 'node:util';
import { TLS_DEFAULTS } from './defaults.js';
import type { ServerSettings } from './server-settings.js';
import type { TlsOptions } from './tls.options.js';

/**
 * The fields in which two servers differ, by value: `'30s'` is 30000, and a default that is written
 * out is the same as one that is left out. `options` is not compared.
 */
export function diffSettings(a: ServerSettings, b: ServerSettings): string[] {
  const [left, right] = [comparable(a), comparable(b)];
  return Object.keys(left).filter((field) => !isDeepStrictEqual(left[field], right[field]));
}

function comparable(settings: ServerSettings): Record<string, unknown> {
  const { name, bind, expose, common } = settings;
  return {
    name,
    bind: bind.canonical,
    expose,
    ...common,
    monitor: { ...common.monitor, name: common.monitor.name ?? name },
    tls: common.tls && comparableTls(common.tls),
  };
}

function comparableTls(tls: TlsOptions): unknown {
  return {
    ...TLS_DEFAULTS,
    ...tls,
    certs: (tls.certs ?? []).map((cert) => ({ ...cert, names: [...(cert.names ?? [])] })),
    rootCA: listOf(tls.rootCA),
    clientCA: listOf(tls.clientCA),
    cipherList: joined(tls.cipherList),
    curveList: joined(tls.curveList),
  };
}

function listOf(value: string | readonly string[] = []): string[] {
  return typeof value === 'string' ? [value] : [...value];
}

function joined(value?: string | readonly string[]): string {
  return listOf(value).join(':');
}
