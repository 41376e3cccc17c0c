import type { X509Certificate } from 'node:crypto';
import { parseCertificate } from './pem.js';

/** A certificate, and its PEM text without anything beside it. */
export interface PemCertificate {
  readonly pem: string;
  readonly parsed: X509Certificate;
}

interface PemBlock {
  /** `'CERTIFICATE'`, say. */
  readonly kind: string;
  readonly pem: string;
}

/** With the older name of it, and with what OpenSSL adds about whom it is trusted for. */
const certificateKinds = new Set(['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE']);

/** What one file for all holds beside the certificate, as that of HAProxy, or one of `openssl ecparam`. */
const besideCertificates = /^(?:[A-Z0-9]+ )*(?:PRIVATE KEY|PARAMETERS)$/;

/**
 * All certificates of a PEM text, each of them parsed: OpenSSL leaves out, without a word, what comes behind one
 * that it can't read, and of a file that is half written those that are missing would not be trusted any more.
 *
 * @throws Error with a clear reason, also where there is none
 */
export function parseCertificates(text: string): PemCertificate[] {
  const blocks = pemBlocks(text).filter(isCertificate);
  // One that is none at all is told so.
  if (blocks.length === 0) return [{ pem: text, parsed: parseCertificate(text) }];
  return blocks.map(({ pem }, index) => {
    try {
      return { pem, parsed: parseCertificate(pem) };
    } catch (error) {
      if (blocks.length === 1) throw error;
      const which = `certificate ${index + 1} of ${blocks.length}`;
      throw new Error(`is not valid PEM: ${which} can't be read`, { cause: error });
    }
  });
}

function isCertificate({ kind }: PemBlock): boolean {
  if (certificateKinds.has(kind)) return true;
  if (besideCertificates.test(kind)) return false;
  throw new Error(`holds a block '${kind}', give certificates only`);
}

/** Whole ones; what stands between them is a comment. */
function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  const marks = /-----(BEGIN|END)(?: ([A-Z0-9 ]{1,40})-----)?/g;
  let open: { kind: string; at: number } | undefined;
  for (const { 0: mark, 1: which, 2: kind, index } of text.matchAll(marks)) {
    if (kind === undefined || (which === 'BEGIN') !== (open === undefined)) throw halfWritten();
    if (open === undefined) {
      open = { kind, at: index };
    } else {
      if (open.kind !== kind) throw halfWritten();
      blocks.push({ kind, pem: text.slice(open.at, index + mark.length) });
      open = undefined;
    }
  }
  if (open) throw halfWritten();
  return blocks;
}

function halfWritten(): Error {
  return new Error('is cut off or damaged: a PEM block in it has no begin or no end');
}
