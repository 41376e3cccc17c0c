import { constants, createHash } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { CertificateOptions, TlsOptions } from '../config/server.options.js';
import type { ConfigIssue } from '../errors/server.error.js';
import { namesOf, parseCertificate, parseKey, readPem } from './pem.js';
import { SniContexts } from './sni.js';
import type { TlsMaterial } from './tls-material.js';

/** A pool's default TLS: options, or a function that returns them, now or later. */
export type DefaultTls = TlsOptions | (() => TlsOptions | Promise<TlsOptions>);

interface LoadedCertificate {
  readonly cert: string;
  readonly key: string;
  readonly passphrase: string | undefined;
  readonly names: readonly string[];
}

export interface TlsLoad {
  /** Absent without a certificate, and when there are issues. */
  readonly material?: TlsMaterial;
  readonly issues: readonly ConfigIssue[];
}

/**
 * Reads and checks all TLS material of a server before any of it is used, so that a bad file is an
 * error at once and not at somebody's first handshake. Own options go before inherited ones.
 */
export function loadTls(own: TlsOptions | undefined, inherited?: TlsOptions): TlsLoad {
  if (own === undefined) return { issues: [] };
  const issues: ConfigIssue[] = [];
  const report = (path: string, error: unknown): undefined => {
    issues.push({ path, message: (error as Error).message });
    return undefined;
  };
  const options = own.inheritDefault && inherited ? { ...inherited, ...own } : own;
  const certificates = [
    ...loadCertificates(own.certs, 'tls.certs', report),
    ...(own.inheritDefault ? loadCertificates(inherited?.certs, 'default tls.certs', report) : []),
  ];
  const clientCA = loadAuthorities(options.clientCA ?? options.rootCA, report);
  const authClient = options.authClient ?? 'none';
  if (authClient === 'require' && clientCA.length === 0) {
    report(
      'tls.clientCA',
      new Error("is missing: authClient 'require' needs the CA that signs clients"),
    );
  }
  const first = certificates[0];
  if (issues.length > 0 || first === undefined) return { issues };

  const shared: SecureContextOptions = {
    ...(clientCA.length > 0 && { ca: clientCA }),
    ...(options.versionMin && { minVersion: options.versionMin }),
    ...(options.versionMax && { maxVersion: options.versionMax }),
    ...(options.cipherList && { ciphers: joined(options.cipherList) }),
    ...(options.curveList && { ecdhCurve: joined(options.curveList) }),
    ...(options.sessionTicketDisable && { secureOptions: constants.SSL_OP_NO_TICKET }),
  };
  const contextOptions = certificates.map(({ cert, key, passphrase }) => ({
    ...shared,
    cert,
    key,
    passphrase,
  }));
  const sni = new SniContexts();
  for (const [index, certificate] of certificates.entries()) {
    try {
      sni.add(certificate.names, createSecureContext(contextOptions[index]));
    } catch (error) {
      report(contextFault(error as NodeJS.ErrnoException), error);
    }
  }
  const base = contextOptions[0];
  if (issues.length > 0 || base === undefined) return { issues };
  return {
    issues,
    material: {
      base,
      requestCert: authClient !== 'none',
      rejectUnauthorized: authClient === 'require',
      contextFor: (servername) => sni.find(servername),
      fingerprint: fingerprint([
        contextOptions,
        certificates.map(({ names }) => names),
        authClient,
      ]),
      trustFingerprint: fingerprint([clientCA, authClient]),
    },
  };
}

type Report = (path: string, error: unknown) => undefined;

function loadCertificates(
  certs: readonly CertificateOptions[] | undefined,
  path: string,
  report: Report,
): LoadedCertificate[] {
  const loaded = (certs ?? []).map((options, index) =>
    loadCertificate(options, `${path}[${index}]`, report),
  );
  return loaded.filter((certificate) => certificate !== undefined);
}

function loadCertificate(
  options: CertificateOptions,
  path: string,
  report: Report,
): LoadedCertificate | undefined {
  const cert = attempt(() => readPem(options.cert), `${path}.cert`, report);
  const key = attempt(() => readPem(options.key), `${path}.key`, report);
  const parsed = cert && attempt(() => parseCertificate(cert), `${path}.cert`, report);
  const parsedKey = key && attempt(() => parseKey(key, options.passphrase), `${path}.key`, report);
  if (!cert || !key || !parsed || !parsedKey) return undefined;
  if (!parsed.checkPrivateKey(parsedKey)) {
    const message = `does not match the certificate ${path}.cert (${parsed.subject.replaceAll('\n', ', ')}), give the key it was issued for`;
    return report(`${path}.key`, new Error(message));
  }
  return { cert, key, passphrase: options.passphrase, names: options.names ?? namesOf(parsed) };
}

function loadAuthorities(list: string | readonly string[] | undefined, report: Report): string[] {
  const all = list === undefined ? [] : typeof list === 'string' ? [list] : list;
  const read = all.map((entry) => attempt(() => checkedAuthority(entry), 'tls.clientCA', report));
  return read.filter((pem) => pem !== undefined);
}

function checkedAuthority(entry: string): string {
  const pem = readPem(entry);
  parseCertificate(pem);
  return pem;
}

function attempt<T>(work: () => T, path: string, report: Report): T | undefined {
  try {
    return work();
  } catch (error) {
    return report(path, error);
  }
}

/** OpenSSL tells which option it refused only by its code. */
function contextFault({ code }: NodeJS.ErrnoException): string {
  if (code?.includes('CIPHER')) return 'tls.cipherList';
  if (code === 'ERR_CRYPTO_OPERATION_FAILED') return 'tls.curveList';
  return 'tls';
}

function joined(list: string | readonly string[]): string {
  return typeof list === 'string' ? list : list.join(':');
}

function fingerprint(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
