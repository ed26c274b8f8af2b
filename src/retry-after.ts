/** Milliseconds that the header `Retry-After` asks to wait: seconds or an HTTP date (RFC 9110, 10.2.3); null: nothing. */
export function parseRetryAfter(header: unknown): number | null {
  if (typeof header !== 'string') return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}
