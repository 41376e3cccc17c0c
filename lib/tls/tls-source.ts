import { createHash } from 'node:crypto';
import { TLS_DEFAULTS } from '../config/options/tls.js';
import type { CertificateOptions, TlsOptions } from '../config/options/tls.js';
import type { ConfigIssue } from '../errors/server.error.js';
import { readPem } from './pem.js';

/** A certificate and its key as text; what could not be read is missing. */
export interface CertificateSource {
  /** Where its options stand, such as `tls.certs[0]`. */
  readonly path: string;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly passphrase: string | undefined;
  readonly names: readonly string[] | undefined;
}

/** All that TLS options point at, read and not yet looked into. */
export interface TlsSource {
  readonly certificates: readonly CertificateSource[];
  readonly authorities: readonly string[];
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

/** Reads files and texts anew. Own options go before inherited ones. */
export function readTlsSource(
  own: TlsOptions,
  inherited: TlsOptions | undefined,
  report: ReportFault,
): TlsSource {
  const options = own.inheritDefault && inherited ? { ...inherited, ...own } : own;
  const { clientCA = options.rootCA } = options;
  return {
    certificates: [
      ...readCertificates(own.certs, 'tls.certs', report),
      ...(own.inheritDefault
        ? readCertificates(inherited?.certs, 'default tls.certs', report)
        : []),
    ],
    authorities: listOf(clientCA).flatMap(
      (entry) => attempt(() => readPem(entry), 'tls.clientCA', report) ?? [],
    ),
    options,
  };
}

function readCertificates(
  certs: readonly CertificateOptions[] = [],
  at: string,
  report: ReportFault,
): CertificateSource[] {
  return certs.map(({ cert, key, passphrase, names }, index) => {
    const path = `${at}[${index}]`;
    return {
      path,
      cert: attempt(() => readPem(cert), `${path}.cert`, report),
      key: attempt(() => readPem(key), `${path}.key`, report),
      passphrase,
      names,
    };
  });
}

function listOf(value: string | readonly string[] = []): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

/** Equal fingerprints mean that the same material comes of it, wherever it was read from. */
export function fingerprintOf({ certificates, authorities, options }: TlsSource): string {
  const { cipherList, curveList, ...rest } = { ...TLS_DEFAULTS, ...options };
  const parts = [
    certificates.map(({ cert, key, passphrase, names }) => [cert, key, passphrase, names]),
    [authorities, listOf(cipherList).join(':'), listOf(curveList).join(':')],
    [rest.authClient, rest.versionMin, rest.versionMax, rest.sessionTicketDisable],
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
