import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encrypted, localhost, passphrase, second } from '../../test/support/certificates.js';
import { namesOf, parseCertificate, parseKey, readPem } from './pem.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pem-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('readPem', () => {
  it('takes PEM text as it is', () => {
    expect(readPem(localhost.cert)).toBe(localhost.cert);
  });

  it('reads anything else as a file', async () => {
    const path = join(folder, 'cert.pem');
    await writeFile(path, localhost.cert);
    expect(readPem(path)).toBe(localhost.cert);
  });

  it('says that a file is missing, and where it looked', () => {
    const looked = join(process.cwd(), 'missing.pem');
    expect(() => readPem('missing.pem')).toThrow(
      `file 'missing.pem' does not exist (looked for '${looked}'), give PEM text or the path of a PEM file`,
    );
  });

  it('says that a path is a folder, or goes through a file', async () => {
    await mkdir(join(folder, 'sub'));
    await writeFile(join(folder, 'file'), '');
    expect(() => readPem(join(folder, 'sub'))).toThrow('is a folder');
    expect(() => readPem(join(folder, 'file', 'cert.pem'))).toThrow('cannot be read (ENOTDIR)');
  });

  it('refuses a file that holds no PEM text', async () => {
    const path = join(folder, 'notes.txt');
    await writeFile(path, 'remember the milk');
    expect(() => readPem(path)).toThrow('holds no PEM text');
  });
});

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
