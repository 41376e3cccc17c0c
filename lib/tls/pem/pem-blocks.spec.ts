import { describe, expect, it } from '@jest/globals';
import { ca, clientCa, encrypted, localhost, second } from '../../../test/support/certificates.js';
import { parseCertificates } from './pem-blocks.js';

const damaged = second.cert.replace(/\n.{20}/, '\n!!!!');
const crl = second.cert.replaceAll('CERTIFICATE', 'X509 CRL');
const legacyKey =
  '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n';
const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';

const subjects = (text: string): string[] =>
  parseCertificates(text).map(({ parsed }) => parsed.subject);

describe('parseCertificates', () => {
  it.each([
    ['one', localhost.cert, 1],
    ['several', localhost.cert + ca.cert + clientCa.cert, 3],
    ['those with comments', `# of ours\n${localhost.cert}\n  Issuer: x - y\n${ca.cert}# end`, 2],
    ['those with the line ends of Windows', (localhost.cert + ca.cert).replace(/\n/g, '\r\n'), 2],
    ['those beside a key', `${localhost.cert}\n${localhost.key}\n${ca.cert}`, 2],
    ['those behind a key', `${encrypted.key}\n${localhost.cert}\n${ca.cert}`, 2],
    ['those beside keys of other forms', legacyKey + parameters + localhost.cert, 1],
  ])('finds %s', (_, text, count) => {
    expect(parseCertificates(text)).toHaveLength(count);
  });

  it('tells them in their order, and gives each alone', () => {
    const text = `${localhost.key}\n${localhost.cert}\n${ca.cert}`;
    expect(subjects(text)).toEqual(['CN=localhost', 'CN=Test CA']);
    for (const { pem } of parseCertificates(text)) expect(pem).not.toContain('KEY');
  });

  it.each([
    ['a damaged second one', ca.cert + damaged, "certificate 2 of 2 can't be read"],
    ['a damaged first one', damaged + ca.cert, "certificate 1 of 2 can't be read"],
    ['a damaged one alone', damaged, 'is not a valid PEM certificate'],
    [
      'one of nonsense',
      `${ca.cert}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
      '2 of 2',
    ],
    ['one without its end', ca.cert + second.cert.slice(0, 300), 'is cut off'],
    ['one whose last line is cut', (ca.cert + second.cert).trim().slice(0, -1), 'is cut off'],
    ['one whose first line is cut', `${ca.cert}-----BEGIN CERT`, 'is cut off'],
    ['one whose begin is damaged', ca.cert + second.cert.slice(1), 'is cut off'],
    [
      'one whose end is that of another',
      ca.cert + second.cert.replace('END C', 'END X'),
      'is cut off',
    ],
    ['one within another', second.cert.slice(0, 200) + ca.cert, 'is cut off'],
    ['half a key beside it', ca.cert + ca.key.slice(0, 100), 'is cut off'],
    ['a list of those revoked', ca.cert + crl, "holds a block 'X509 CRL'"],
    ['a key alone', ca.key, 'is not a valid PEM certificate'],
    // OpenSSL would leave it out.
    ['one on lines that are indented', ca.cert + second.cert.replace(/^/gm, ' '), '2 of 2'],
    ['nothing', '', 'is not a valid PEM certificate'],
  ])('refuses %s', (_, text, reason) => {
    expect(() => parseCertificates(text)).toThrow(reason);
  });

  it.each([ca.key, encrypted.key])('shows nothing of a key that it refuses', (key) => {
    const [, line] = key.split('\n');
    for (const text of [ca.cert + key.slice(0, -40), key.replace('PRIVATE KEY', line!)]) {
      let message = '';
      try {
        parseCertificates(text);
      } catch (error) {
        ({ message } = error as Error);
      }
      expect(message).not.toBe('');
      expect(message).not.toContain(line);
    }
  });
});
