import 'reflect-metadata';
import type { CertificateOptions } from './tls.options.js';
import { IsText, IsTexts } from './rules/value.rules.js';

/** {@link CertificateOptions} with its rules. */
export class CertificateConfig implements CertificateOptions {
  @IsText({ required: true, give: 'PEM text or a file path as a string' })
  cert!: string;

  @IsText({ required: true, secret: true, give: 'PEM text or a file path as a string' })
  key!: string;

  @IsText({ secret: true, empty: true, give: 'the passphrase of the key as a text' })
  passphrase?: string;

  @IsTexts({ of: "a server name such as 'example.com' or '*.example.com'" })
  names?: string[];
}
