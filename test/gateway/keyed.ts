import { digestOf } from '../../src/config/index.js';
import type { LoadedConfig } from '../../src/config/types.js';
import type { GatewayWorld } from './gateway-world.js';

export const SHOP_KEY = 'shop-key-0123456789abcdef';
export const BANK_KEY = 'bank-key-0123456789abcdef';
export const OPS_KEY = 'ops-key-0123456789abcdef';

/** A key for `shop`, one for `bank` and `café`, and one for all clients. */
export function keyed(config: LoadedConfig): void {
  config.apiKeys = [
    { name: 'SHOP_KEY', digest: digestOf(SHOP_KEY), clients: ['shop'] },
    { name: 'BANK_KEY', digest: digestOf(BANK_KEY), clients: ['bank', 'café'] },
    { name: 'OPS_KEY', digest: digestOf(OPS_KEY), clients: null },
  ];
}

/** Calls with a key. */
export const as =
  ({ call }: GatewayWorld, key: string) =>
  (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    call(method, path, body, { authorization: `Bearer ${key}`, ...headers });
