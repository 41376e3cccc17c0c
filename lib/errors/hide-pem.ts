const PEM_BLOCK = /-----BEGIN [\s\S]*?(?:-----END [^-\n]*-----|$)/g;

/**
 * Keeps key material out of logs: error messages quote what other layers said, and OpenSSL,
 * loaders and users put PEM text into theirs.
 */
export function hidePem(text: string): string {
  return text.includes('-----BEGIN ') ? text.replace(PEM_BLOCK, '(PEM text, hidden)') : text;
}
