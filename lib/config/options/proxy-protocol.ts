import 'reflect-metadata';
import { IsNetworks } from '../rules/address.rules.js';
import { rule } from '../rules/rule.js';
import { IsOneOf } from '../rules/value.rules.js';
import { orDefaults } from './or-defaults.js';

/** Whether connections start with a header of the PROXY protocol. */
type ProxyProtocolMode = 'off' | 'optional' | 'required';

/** The PROXY protocol, by which a TCP balancer tells the address of the client. */
export class ProxyProtocolConfig {
  /**
   * The PROXY protocol, versions 1 and 2.
   *
   * @defaultValue `'off'`
   * @see https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
   */
  @IsOneOf(['off', 'optional', 'required'])
  @NamesItsProxies()
  proxyProtocol?: ProxyProtocolMode | undefined;

  /**
   * Who may send a PROXY header: addresses and networks in CIDR notation.
   *
   * @defaultValue `[]`
   */
  @IsNetworks()
  trustedProxies?: readonly string[] | undefined;
}

/** The PROXY protocol. */
export interface ProxyProtocolSettings {
  readonly mode: ProxyProtocolMode;
  readonly trustedProxies: readonly string[];
}

const PROXY_PROTOCOL_DEFAULTS: ProxyProtocolSettings = Object.freeze({
  mode: 'off',
  trustedProxies: Object.freeze([]),
});

export function resolveProxyProtocol(options: ProxyProtocolConfig): ProxyProtocolSettings {
  const own = PROXY_PROTOCOL_DEFAULTS;
  return orDefaults(own, {
    mode: options.proxyProtocol ?? own.mode,
    trustedProxies: options.trustedProxies ?? own.trustedProxies,
  });
}

/** Whoever reaches the port could tell any address for its own. */
function NamesItsProxies(): PropertyDecorator {
  return rule('namesItsProxies', (value, siblings) => {
    const { trustedProxies } = siblings as ProxyProtocolConfig;
    if (
      (value !== 'optional' && value !== 'required') ||
      (trustedProxies?.length !== undefined && trustedProxies.length > 0)
    )
      return [];
    const text = `got '${value}' without trustedProxies, name the addresses of the balancers there, such as ['10.0.0.0/8']`;
    return [{ text }];
  });
}
