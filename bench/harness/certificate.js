import { generate } from 'selfsigned';

/** A certificate for localhost with a key of the usual size, as PEM text. */
export async function certificate() {
  const names = [{ name: 'commonName', value: 'localhost' }];
  const { cert, private: key } = await generate(names, { keySize: 2048 });
  return { cert, key };
}
