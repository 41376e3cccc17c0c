import { toMs } from '../config/duration.js';
import { TLS_DEFAULTS, type TlsOptions } from '../config/options/tls.js';
import type { ConfigIssue } from '../errors/server.error.js';
import { dateWarning, modeWarning, readCertificate } from './certificate.js';
import { CertificatesByName } from './certificates-by-name.js';
import { isSettled, stamped, stampOf, type StampedFile } from './file-digests.js';
import { isUnproven } from './file-texts.js';
import { current, knownMaterial, keepMaterial } from './known-material.js';
import { parseCertificates } from './pem/pem-blocks.js';
import { readPem } from './pem/pem.js';
import { createContexts, sharedOptions } from './secure-contexts.js';
import { reportNameless, reportClientAuth, reportVersions } from './tls-faults.js';
import type { TlsMaterial } from './tls-material.js';
import {
  attempt,
  filesOf,
  fingerprintOf,
  reportTo,
  tlsSource,
  trustOf,
  type ReportFault,
  type TlsSource,
} from './tls-source.js';

interface TlsLoad {
  /** Absent without a certificate, and when there are issues. */
  readonly material?: TlsMaterial;
  readonly issues: readonly ConfigIssue[];
}

/** What is known of a server when its TLS is loaded. */
interface LoadOptions {
  /** Whether a certificate may yet come, from a default that is asked for at the start. */
  readonly awaitsDefault?: boolean;
}

/**
 * Reads and checks all TLS material of a server before any of it is used, so that a bad file is an
 * error at once and not at somebody's first handshake. Own options go before inherited ones. What has
 * the same bytes as known material is that material: nothing is parsed again.
 */
export function loadTls(
  own: TlsOptions | undefined,
  inherited?: TlsOptions,
  { awaitsDefault = false }: LoadOptions = {},
): TlsLoad {
  if (own === undefined) return { issues: [] };
  const known = knownTls(own, inherited);
  if (known) return { issues: [], material: known };
  return loadAnew(tlsSource(own, inherited), awaitsDefault);
}

function loadAnew(source: TlsSource, awaitsDefault: boolean): TlsLoad {
  const issues: ConfigIssue[] = [];
  const report = reportTo(issues);
  // Before the files are read: a change meanwhile then shows as another stamp.
  const watched = source.options.watch ? filesOf(source).map(stamped) : [];
  reportVersions(source.options, report);
  const certificates = source.certificates.flatMap((each) => readCertificate(each, report) ?? []);
  const authorities = readAuthorities(source, report);
  reportClientAuth(source, authorities, report, awaitsDefault);
  for (const certificate of certificates.slice(1)) reportNameless(certificate, report);
  const [first] = certificates;
  if (issues.length > 0 || first === undefined) return { issues: issues.sort(byPath) };
  const byName = new CertificatesByName(certificates);
  const shared = sharedOptions(source.options, authorities);
  const contexts = createContexts(byName, first, shared, report);
  if (contexts === undefined) return { issues };
  const fingerprint = fingerprintOf(source);
  const material = toMaterial({ source, fingerprint, watched, byName, contexts });
  return { issues, material: keepMaterial(fingerprint, material) };
}

/** What was found for options before, and by which files. */
interface Found {
  readonly inherited: TlsOptions | undefined;
  readonly files: readonly string[];
  readonly stamps: readonly (string | undefined)[];
  readonly material: WeakRef<TlsMaterial>;
}

/** Options are frozen: what was found for them holds for as long as no file has been touched. */
const foundFor = new WeakMap<TlsOptions, Found>();

/** The material of these options, if it is known and nothing has changed since. */
export function knownTls(
  own: TlsOptions,
  inherited: TlsOptions | undefined,
): TlsMaterial | undefined {
  const found = foundFor.get(own);
  if (found?.inherited === inherited && found?.files.every(isUntouched, found)) {
    const material = current(found.material);
    if (material) return material;
  }
  return find(own, inherited);
}

function isUntouched(this: Found, file: string, index: number): boolean {
  return stampOf(file)?.stamp === this.stamps[index];
}

/** A file that can't be read has no fingerprint; what is wrong with it is told where it is read. */
function find(own: TlsOptions, inherited: TlsOptions | undefined): TlsMaterial | undefined {
  const source = tlsSource(own, inherited);
  if (source.certificates.length === 0) return undefined;
  const files = filesOf(source);
  // Before the files are read: a change meanwhile then shows as another stamp.
  const stamps = files.map((file) => stampOf(file));
  try {
    const material = knownMaterial(fingerprintOf(source));
    if (material && stamps.every(isSettled) && !files.some(isUnproven)) {
      const texts = stamps.map((each) => each?.stamp);
      foundFor.set(own, { inherited, files, stamps: texts, material: new WeakRef(material) });
    }
    return material;
  } catch {
    return undefined;
  }
}

/** What was found of a source. */
interface Loaded {
  readonly source: TlsSource;
  readonly fingerprint: string;
  readonly watched: readonly StampedFile[];
  readonly byName: CertificatesByName;
  readonly contexts: Pick<TlsMaterial, 'base' | 'contextFor' | 'hasMixedKeys'>;
}

function toMaterial({ source, fingerprint, watched, byName, contexts }: Loaded): TlsMaterial {
  const { authClient } = source;
  const { warnings, served } = byName;
  const dates = served.map(({ path, notBefore, notAfter }) => {
    return { path, notBefore, notAfter };
  });
  // Not what was read of it: a key is not kept without need.
  const keys = source.certificates.map(({ path, key }) => ({ path, key: key.textOrPath }));
  return {
    ...contexts,
    requestCert: authClient !== 'none',
    rejectUnauthorized: authClient === 'require',
    certificates: served.map(({ names, keyType, notBefore, notAfter }) => {
      return { names, keyType, notBefore, notAfter };
    }),
    chosenUntil: byName.until,
    // As of the call: what has the same bytes may have ended, or be open to others, by then.
    warnings: () => [
      ...dates.flatMap((each) => dateWarning(each)),
      ...keys.flatMap((each) => modeWarning(each)),
      ...warnings,
    ],
    watchedFiles: watched,
    expiryWarningMs: toMs(source.options.expiryWarning, TLS_DEFAULTS.expiryWarningMs),
    // Of the same ones others are chosen at another time.
    fingerprint: JSON.stringify([fingerprint, served.map(({ path }) => path)]),
    trust: trustOf(source),
  };
}

function readAuthorities({ authorities }: TlsSource, report: ReportFault): string[] {
  return authorities.flatMap((source) => {
    const pem = attempt(() => readPem(source), 'tls.clientCA', report);
    if (pem === undefined) return [];
    const parsed = attempt(() => parseCertificates(pem), 'tls.clientCA', report);
    // What was read, and nothing beside it.
    return parsed?.map((each) => each.pem) ?? [];
  });
}

/** What could not be read and what could not be parsed of one certificate belong together. */
function byPath(a: ConfigIssue, b: ConfigIssue): number {
  return a.path.localeCompare(b.path, 'en', { numeric: true });
}
