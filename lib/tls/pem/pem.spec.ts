import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encrypted, localhost, passphrase, second } from '../../../test/support/certificates.js';
import { namesOf } from '../certificate.js';
import { parseCertificate, parseKey, readPem } from './pem.js';

const pem = (textOrPath: string, secret = false): string => readPem({ textOrPath, secret });

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pem-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('readPem', () => {
  it('takes PEM text as it is', () => {
    expect(pem(localhost.cert)).toBe(localhost.cert);
  });

  it('reads anything else as a file', async () => {
    const path = join(folder, 'cert.pem');
    await writeFile(path, localhost.cert);
    expect(pem(path)).toBe(localhost.cert);
  });

  it('says that a file is missing, and where it looked', () => {
    const looked = join(process.cwd(), 'missing.pem');
    expect(() => pem('missing.pem')).toThrow(
      `file 'missing.pem' does not exist (looked for '${looked}'), give PEM text or the path of a PEM file`,
    );
  });

  it('says that a path is a folder, or goes through a file', async () => {
    await mkdir(join(folder, 'sub'));
    await writeFile(join(folder, 'file'), '');
    expect(() => pem(join(folder, 'sub'))).toThrow('is a folder');
    expect(() => pem(join(folder, 'file', 'cert.pem'))).toThrow('does not exist');
  });

  it('refuses a file that holds no PEM text', async () => {
    const path = join(folder, 'notes.txt');
    await writeFile(path, 'remember the milk');
    expect(() => pem(path)).toThrow('holds no PEM text');
  });
});

describe('what is given for a key', () => {
  const der = localhost.key.replace(/-----[^-]+-----|\n/g, '');
  it.each([
    ['base64 of PEM', Buffer.from(localhost.key).toString('base64')],
    ['the base64 of DER', der],
    ['PEM with a damaged first line', localhost.key.replace('-----BEGIN', '----BEGIN')],
    ['PEM without its lines', localhost.key.replace(/\n/g, ' ').replace(/-----/g, '')],
    ['hexadecimal', Buffer.from(localhost.key).toString('hex')],
    ['a short text', 'hunter2'],
    ['a path', '/no/such/key.pem'],
    ['a folder', '/'],
  ])('is never shown when it is %s', (_, key) => {
    const error = thrownBy(() => pem(key, true));
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(key.slice(0, 30) + "'");
    expect(inspect(error, { depth: 9 })).not.toMatch(/hunter2|no.such/);
    expect(inspect(error, { depth: 9 })).not.toContain(der.slice(10, 50));
  });

  it('is shown when it is a path beyond doubt, in a folder that exists', () => {
    expect(() => pem(join(folder, 'missing.key'), true)).toThrow(join(folder, 'missing.key'));
  });

  it.each([
    ['base64 of PEM', Buffer.from(localhost.key).toString('base64')],
    ['the base64 of DER', localhost.key.replace(/-----[^-]+-----|\n/g, '')],
    ['PEM with a damaged first line', localhost.key.replace('-----BEGIN', '----BEGIN')],
  ])('is not shown where it stands for a certificate by mistake, as %s', (_, key) => {
    expect(thrownBy(() => pem(key)).message).toContain('(hidden)');
  });
});

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

describe('parseCertificate', () => {
  it('reads a certificate', () => {
    expect(parseCertificate(localhost.cert).subject).toBe('CN=localhost');
  });

  it.each(['-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----', localhost.key])(
    'refuses what is none',
    (pem) => {
      expect(() => parseCertificate(pem)).toThrow('is not a valid PEM certificate');
    },
  );
});

describe('parseKey', () => {
  it('reads a key, with its passphrase where it has one', () => {
    expect(parseKey(localhost.key, undefined).type).toBe('private');
    expect(parseKey(encrypted.key, passphrase).type).toBe('private');
  });

  it('asks for the passphrase that is missing', () => {
    expect(() => parseKey(encrypted.key, undefined)).toThrow('is encrypted, give its passphrase');
  });

  it('refuses a wrong passphrase, and what is no key', () => {
    expect(() => parseKey(encrypted.key, 'wrong')).toThrow('cannot be read with the passphrase');
    expect(() => parseKey(localhost.cert, undefined)).toThrow('is not a valid PEM private key');
  });
});

describe('namesOf', () => {
  it('tells the DNS names of a certificate', () => {
    expect(namesOf(parseCertificate(second.cert))).toEqual(['second.test', '*.second.test']);
  });
});
