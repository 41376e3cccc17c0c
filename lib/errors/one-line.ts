import { printable } from './printable.js';

const PEM_BLOCK = /-----BEGIN [\s\S]*?(?:-----END [^-\n]*-----|$)/g;

/**
 * A text for one line of an error's message. Error messages quote what other layers said: that must not forge
 * a line, nor show the PEM text that OpenSSL, loaders and users put into theirs.
 */
export function oneLine(text: string): string {
  const shown = text.includes('-----BEGIN ') ? text.replace(PEM_BLOCK, '(PEM text, hidden)') : text;
  return printable(shown);
}
