import { randomUUID } from 'node:crypto';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** Makes an id in the platform's form: `<prefix>-<base58 of a UUID>`. */
export function newId(prefix: string): string {
  let rest = BigInt(`0x${randomUUID().replaceAll('-', '')}`);
  let digits = '';
  while (rest > 0n) {
    digits = BASE58.charAt(Number(rest % 58n)) + digits;
    rest /= 58n;
  }
  return `${prefix}-${digits}`;
}

/** The present moment as the platform writes it: ISO-8601 with microseconds and without a zone, in UTC. */
export const timestamp = (): string => new Date().toISOString().replace('Z', '000');
