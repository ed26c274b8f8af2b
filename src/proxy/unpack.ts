import zlib, { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

/** More is no chat completion that could be kept. */
const MAX_UNPACKED = { maxOutputLength: 40_000_000 };

/** `zstd` from Node 22.15 on. */
const { zstdDecompressSync }: Pick<typeof zlib, 'gunzipSync'> & { zstdDecompressSync?: typeof gunzipSync } =
  zlib;

const UNPACK: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  identity: (bytes) => bytes,
  gzip: (bytes) => gunzipSync(bytes, MAX_UNPACKED),
  'x-gzip': (bytes) => gunzipSync(bytes, MAX_UNPACKED),
  deflate: (bytes) => inflateSync(bytes, MAX_UNPACKED),
  br: (bytes) => brotliDecompressSync(bytes, MAX_UNPACKED),
  ...(zstdDecompressSync && { zstd: (bytes: Uint8Array) => zstdDecompressSync(bytes, MAX_UNPACKED) }),
};

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** The text of a body that may be packed. Throws where it cannot be unpacked, or is no UTF-8. */
export function unpackedText({ bytes, encoding }: { bytes: Uint8Array; encoding: string }): string {
  const name = encoding.trim().toLowerCase() || 'identity';
  const unpack = Object.hasOwn(UNPACK, name) ? UNPACK[name] : undefined;
  if (!unpack) throw new Error(`the content encoding ${name} is not known`);
  return UTF8.decode(unpack(bytes));
}
