import { isIP } from 'node:net';
import { BIND_FORMS, BindAddress } from '../address/bind-address.js';
import { ipAddresses } from '../address/ip-addresses.js';
import { describeValue, looksSecret, quote } from '../redact.js';
import { listRule, rule, valueRule } from './rule.js';

/** A bind address, as {@link BindAddress} reads it. */
export function IsListenAddress(): PropertyDecorator {
  return rule('isListenAddress', (value) => {
    if (typeof value !== 'string') return [{ text: `got ${describeValue(value)}, ${BIND_FORMS}` }];
    try {
      BindAddress.parse(value);
      return [];
    } catch (error) {
      return [{ text: (error as TypeError).message }];
    }
  });
}

/** An http or https URL without credentials. */
export function IsHttpUrl(): PropertyDecorator {
  return valueRule('isHttpUrl', {
    isRight: isHttpUrl,
    give: (value) =>
      typeof value === 'string' && lacksScheme(value)
        ? `a URL with its scheme, such as ${quote(`http://${value}`)}`
        : "an http or https URL without credentials, such as 'https://example.com'",
  });
}

/** A list of addresses and networks in CIDR notation. */
export function IsNetworks(): PropertyDecorator {
  return listRule('isNetworks', {
    give: "a list of addresses and networks, such as ['10.0.0.0/8', '::1']",
    item: {
      isRight: isNetwork,
      give: "an address or a network in CIDR notation, such as '10.0.0.0/8' or '::1'",
    },
  });
}

function lacksScheme(text: string): boolean {
  return !text.includes('://') && !looksSecret(text) && isHttpUrl(`http://${text}`);
}

function isHttpUrl(value: unknown): boolean {
  if (typeof value !== 'string' || /\s/.test(value) || !URL.canParse(value)) return false;
  const url = new URL(value);
  return /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}

/** ipaddr.js alone takes '10' and '010.1' as addresses, hence net.isIP. */
function isNetwork(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const [address = '', prefix] = value.split('/');
  return isIP(address) > 0 && (prefix === undefined || ipAddresses().isValidCIDR(value));
}
