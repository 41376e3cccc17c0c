import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const pemMark = '-----BEGIN ';

/** Returns PEM text as it is and reads anything else as a file path; throws with a clear reason. */
export function readPem(textOrPath: string): string {
  const text = textOrPath.includes(pemMark) ? textOrPath : readPemFile(textOrPath);
  if (!text.includes(pemMark)) {
    throw new Error(`file '${textOrPath}' holds no PEM text ('${pemMark}…'), give a PEM file`);
  }
  return text;
}

function readPemFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(unreadable(path, error as NodeJS.ErrnoException), { cause: error });
  }
}

function unreadable(path: string, { code }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') {
    return `file '${path}' does not exist (looked for '${resolve(path)}'), give PEM text or the path of a PEM file`;
  }
  if (code === 'EISDIR') return `'${path}' is a folder, give the path of a PEM file`;
  if (code === 'EACCES') return `file '${path}' may not be read by this user`;
  return `file '${path}' cannot be read (${code ?? 'unknown reason'})`;
}

export function parseCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new Error('is not a valid PEM certificate', { cause: error });
  }
}

export function parseKey(pem: string, passphrase: string | undefined): KeyObject {
  // OpenSSL's own code for it differs from version to version.
  if (passphrase === undefined && pem.includes('ENCRYPTED')) {
    throw new Error('is encrypted, give its passphrase');
  }
  try {
    return createPrivateKey({ key: pem, passphrase });
  } catch (error) {
    const fault =
      passphrase === undefined
        ? 'is not a valid PEM private key'
        : 'cannot be read with the passphrase given';
    throw new Error(fault, { cause: error });
  }
}

/** The DNS names and addresses that a certificate is for. */
export function namesOf(certificate: X509Certificate): string[] {
  const names = (certificate.subjectAltName ?? '').split(', ');
  return names.filter((name) => name.startsWith('DNS:')).map((name) => name.slice('DNS:'.length));
}
