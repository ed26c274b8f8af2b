import { readCsv } from './csv.js';
import { type Item, MAX_BYTES, type Source } from './item.js';
import { readJsonDocument } from './json-document.js';
import { readJsonLines } from './json-lines.js';
import { openBytes } from './open-bytes.js';
import { openParquet } from './parquet.js';
import { peekLine } from './peek.js';

/**
 * Opens a file of JSON lines, a JSON document, CSV or Parquet; which it is, is told by how it begins, CSV by the name.
 * All but Parquet may be gzip. An ImportError where the file itself cannot be read.
 */
export async function openSource(path: string): Promise<Source> {
  const { bytes: once, share, isParquet } = await openBytes(path);
  const { head, bytes } = await peekLine(once);
  if (isParquet) {
    await closeUnread(bytes);
    return openParquet(path);
  }
  if (/\.[ct]sv(?:\.gz)?$/i.test(path)) return { unit: 'row', items: readCsv(bytes, head), share };
  const shape = shapeOf(head);
  if (shape === 'lines') return { unit: 'line', items: readJsonLines(bytes), share };
  return { unit: 'item', items: readJsonDocument(bytes, shape === 'list'), share };
}

/** The values of a file, whatever kind it is. */
export async function* readLogFile(path: string): AsyncGenerator<Item> {
  for await (const item of (await openSource(path)).items) if ('at' in item) yield item;
}

/** Ends what was begun to be read, so that no file stays open. */
async function closeUnread(bytes: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of bytes) return;
}

/** A document is a list, or an object whose first line ends before it does. */
function shapeOf(head: Buffer): 'lines' | 'list' | 'object' {
  const text = head
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart();
  if (text.startsWith('[')) return 'list';
  if (!text.startsWith('{')) return 'lines';
  if (head.length > MAX_BYTES) return 'object';
  const [line = ''] = text.split('\n', 1);
  // No whole value of JSON ends like this.
  return /[[{,]\s*$/.test(line) ? 'object' : 'lines';
}
