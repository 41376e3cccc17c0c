import { generate } from 'selfsigned';

/** A certificate for localhost. */
export async function certificates() {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  return { certs: [{ cert, key }] };
}
