import { toMs } from '../config/duration.js';
import {
  joined,
  textsOf,
  TLS_DEFAULTS,
  type CertificateOptions,
  type ClientAuth,
  type TlsOptions,
} from '../config/options/tls.js';
import type { ConfigIssue } from '../errors/server.error.js';
import { digestOf, digestPem, isPath, type PemSource } from './pem/pem.js';

/** Where a certificate and its key are to be had. */
export interface CertificateSource {
  /** Where its options stand, such as `tls.certs[0]`. */
  readonly path: string;
  readonly cert: PemSource;
  readonly key: PemSource;
  readonly passphrase: string | undefined;
  readonly names: readonly string[] | undefined;
  /** Whether it is of the default TLS. */
  readonly inherited: boolean;
}

/** All that TLS options point at, not read yet. */
export interface TlsSource {
  readonly certificates: readonly CertificateSource[];
  readonly authorities: readonly PemSource[];
  /** What is asked of a client's certificate. */
  readonly authClient: ClientAuth;
  /** The options that hold for all certificates. */
  readonly options: TlsOptions;
}

export type ReportFault = (path: string, error: unknown) => undefined;

/** Collects the faults that are reported to it. */
export function reportTo(issues: ConfigIssue[]): ReportFault {
  return (path, error) => {
    issues.push({ path, message: (error as Error).message });
    return undefined;
  };
}

/** What the work returns; when it throws, that is reported. */
export function attempt<T>(work: () => T, path: string, report: ReportFault): T | undefined {
  try {
    return work();
  } catch (error) {
    return report(path, error);
  }
}

/** Own options go before inherited ones. */
export function tlsSource(own: TlsOptions, inherited: TlsOptions | undefined): TlsSource {
  const folded = own.inheritDefault ? inherited : undefined;
  const options = folded ? { ...folded, ...own } : own;
  const { authClient = TLS_DEFAULTS.authClient } = options;
  // Not of the fold: it has none that are sealed, for the keys that they hold.
  const clientCA = own.clientCA ?? folded?.clientCA ?? own.rootCA ?? folded?.rootCA;
  const read = new Map<string, string>();
  return {
    certificates: [
      ...certificateSources(own.certs, 'tls.certs', { inherited: false, read }),
      ...certificateSources(folded?.certs, 'default tls.certs', { inherited: true, read }),
    ],
    authorities: textsOf(clientCA).map((textOrPath) => ({ textOrPath, secret: false, read })),
    authClient,
    options,
  };
}

function certificateSources(
  certs: readonly CertificateOptions[] = [],
  at: string,
  { inherited, read }: { inherited: boolean; read: Map<string, string> },
): CertificateSource[] {
  return certs.map(({ cert, key, passphrase, names }, index) => ({
    path: `${at}[${index}]`,
    cert: { textOrPath: cert, secret: false, read },
    key: { textOrPath: key, secret: true, read },
    passphrase,
    names,
    inherited,
  }));
}

/** The files that a source names. */
export function filesOf({ certificates, authorities }: TlsSource): string[] {
  const all = [...certificates.flatMap(({ cert, key }) => [cert, key]), ...authorities];
  return [...new Set(all.map(({ textOrPath }) => textOrPath).filter(isPath))];
}

/** Options that stand for what is digested by itself. */
const toldApart = new Set(['certs', 'rootCA', 'clientCA', 'authClient', 'inheritDefault']);

/** Equal fingerprints mean that the same material comes of it, wherever it was read from. */
export function fingerprintOf(source: TlsSource): string {
  const { certificates, options } = source;
  const { expiryWarningMs, ...defaults } = TLS_DEFAULTS;
  const { expiryWarning, cipherList, curveList, ...others } = { ...defaults, ...options };
  return JSON.stringify([
    certificates.map(({ cert, key, passphrase, names, inherited }) => [
      digestPem(cert),
      digestPem(key),
      // Its text is no part of what is kept for as long as the server serves.
      passphrase === undefined ? undefined : digestOf(passphrase),
      names,
      inherited,
    ]),
    trustOf(source),
    [joined(cipherList), joined(curveList)],
    // The same bytes in other files are to be watched, and warned of, elsewhere.
    filesOf(source),
    toMs(expiryWarning, expiryWarningMs),
    // An option that is new counts, too.
    Object.entries(others).filter(([option]) => !toldApart.has(option)),
  ]);
}

/** Whom it trusts, and what it asks of clients. */
export function trustOf({ authorities, authClient }: TlsSource): string {
  return JSON.stringify([authorities.map(digestPem).sort(), authClient]);
}
