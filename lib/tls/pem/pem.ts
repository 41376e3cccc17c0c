import { createPrivateKey, hash, X509Certificate, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { mayHoldKey } from '../../config/redact.js';
import { knownDigest, rememberDigest, stampOf, type FileStamp } from '../file-digests.js';
import { knownText, rememberText } from '../file-texts.js';

const pemMark = '-----BEGIN ';

/** PEM text, or the path of a file that holds it. */
export interface PemSource {
  readonly textOrPath: string;
  /** Whether nothing of what was given may be shown: a key in a form that is no PEM looks like a path. */
  readonly secret: boolean;
  /**
   * What has been read of files for what it is a part of: each file is read once, whoever writes it
   * meanwhile. So what is parsed is what is digested, and a certificate has the key that was in its file.
   */
  readonly read?: Map<string, string>;
}

/** Whether a text is taken for the path of a file. */
export function isPath(textOrPath: string): boolean {
  return !textOrPath.includes(pemMark);
}

/**
 * The digest of the bytes that a source stands for. A file that has not been touched since it was
 * read is not read again.
 */
export function digestPem(source: PemSource): string {
  const { textOrPath, read } = source;
  if (!isPath(textOrPath)) return digestOf(textOrPath);
  const digest = read?.has(textOrPath) ? undefined : knownDigest(textOrPath);
  return digest ?? digestOf(readPem(source));
}

/** Returns PEM text as it is and reads anything else as a file path; throws with a clear reason. */
export function readPem(source: PemSource): string {
  const { textOrPath, read } = source;
  const text = read?.get(textOrPath) ?? readNow(source);
  read?.set(textOrPath, text);
  return text;
}

function readNow(source: PemSource): string {
  const { textOrPath } = source;
  // Before the file is read: a change meanwhile then shows as another stamp.
  const stamp = isPath(textOrPath) ? stampOf(textOrPath) : undefined;
  const text = stamp ? knownText(textOrPath, stamp) : undefined;
  return text ?? readAnew(source, stamp);
}

function readAnew(source: PemSource, stamp: FileStamp | undefined): string {
  const { textOrPath } = source;
  const text = isPath(textOrPath) ? readPemFile(source) : textOrPath;
  if (!text.includes(pemMark)) {
    throw new Error(`${nameOf(source)} holds no PEM text, give a PEM file`);
  }
  if (stamp) {
    rememberDigest(textOrPath, stamp, digestOf(text));
    rememberText(textOrPath, stamp, text);
  }
  return text;
}

export function digestOf(text: string): string {
  return hash('sha256', text, 'base64');
}

function readPemFile(source: PemSource): string {
  try {
    return readFileSync(source.textOrPath, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Node's own error holds what was given, in its message and as its path.
    const cause = isShown(source) ? { cause: error } : undefined;
    throw new Error(unreadable(source, code), cause);
  }
}

function unreadable(source: PemSource, code: string | undefined): string {
  const file = nameOf(source);
  if (code === 'ENOENT' || code === 'ENAMETOOLONG' || code === 'ENOTDIR') {
    const looked = isShown(source) ? ` (looked for '${resolve(source.textOrPath)}')` : '';
    return `${file} does not exist${looked}, give PEM text or the path of a PEM file`;
  }
  if (code === 'EISDIR') return `${file} is a folder, give the path of a PEM file`;
  if (code === 'EACCES') return `${file} may not be read by this user`;
  return `${file} cannot be read (${code ?? 'unknown reason'})`;
}

function nameOf(source: PemSource): string {
  return isShown(source) ? `file '${source.textOrPath}'` : 'the file it names (hidden)';
}

function isShown({ textOrPath, secret }: PemSource): boolean {
  if (secret && !isInFolder(textOrPath)) return false;
  if (textOrPath.length > 1024 || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(textOrPath)) return false;
  // A key may have been given where a certificate belongs, in a form that has no mark of PEM.
  return !mayHoldKey(textOrPath);
}

/** Whether it is a path beyond doubt: of a file in a folder that is there. */
function isInFolder(textOrPath: string): boolean {
  const folder = dirname(textOrPath);
  return textOrPath.includes('/') && folder !== '/' && folder !== '.' && existsSync(folder);
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
