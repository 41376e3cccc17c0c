import { printable } from './printable.js';

const PEM_BLOCK = /-----BEGIN [\s\S]*?(?:-----END [^-\n]*-----|$)/g;

/**
 * A text for one line of an error's message. What it holds of others forges no line, and shows no key
 * material: error messages quote what other layers said, and OpenSSL, loaders and users put PEM text
 * into theirs.
 */
export function oneLine(text: string): string {
  const shown = text.includes('-----BEGIN ') ? text.replace(PEM_BLOCK, '(PEM text, hidden)') : text;
  return printable(shown);
}
