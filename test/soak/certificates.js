import { generate } from 'selfsigned';

const signs = { keyType: 'ec', algorithm: 'sha256' };

/** An authority, and certificates of one name as one renewal after the other brings them. */
export async function createCertificates(count) {
  const ca = await generate([{ name: 'commonName', value: 'Soak CA' }], {
    ...signs,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true },
    ],
  });
  const issuing = Array.from({ length: count }, () =>
    generate([{ name: 'commonName', value: 'localhost' }], {
      ...signs,
      ca: { cert: ca.cert, key: ca.private },
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    }),
  );
  const issued = await Promise.all(issuing);
  return { ca: ca.cert, certificates: issued.map(({ cert, private: key }) => ({ cert, key })) };
}
