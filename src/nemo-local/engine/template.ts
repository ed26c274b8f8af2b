import { shapeOf } from './argument-features.js';
import type { Scene } from './candidate-value.js';
import type { JsonValue } from './turn.js';

/** A plain answer whose concrete values are replaced by `{{key or shape}}`, to be filled from another conversation. */
export type Template = string;

const SLOT = /\{\{([^{}]+)\}\}/g;

/** Replaces the values that an answer took from its conversation by slots. */
export function toTemplate(answer: string, scene: Scene): Template {
  const slots = new Map<string, string>();
  for (const { span } of scene.occurrences) {
    const value = slotValue(span.value);
    if (value === undefined || !answer.includes(value)) continue;
    if (!slots.has(value) || span.key !== '') slots.set(value, span.key === '' ? shapeOf(value) : span.key);
  }
  // The longest values first: an id may contain another.
  const values = [...slots.keys()].sort((a, b) => b.length - a.length);
  if (values.length === 0) return answer;
  const pattern = new RegExp(
    values.map((value) => value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'),
    'g',
  );
  return answer.replace(pattern, (value) => `{{${slots.get(value) ?? value}}}`);
}

/** Fills each slot with the newest value of its key, else of its shape; a value is not used for two slots of a name. */
export function fillTemplate(template: Template, scene: Scene): string {
  const used = new Set<string>();
  const filled = template.replace(SLOT, (_, name: string) => {
    const value = scene.occurrences
      .filter(({ span }) => span.key === name || (span.key === '' && shapeOf(span.value) === name))
      .map(({ span }) => slotValue(span.value))
      .find((text) => text !== undefined && !used.has(`${name} ${text}`));
    used.add(`${name} ${value}`);
    return value ?? '';
  });
  return filled.replace(/ {2,}/g, ' ').trim();
}

/** Values worth a slot: long enough not to stand in a text by chance. */
function slotValue(value: JsonValue): string | undefined {
  const text = typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
  return text.length >= 3 && text.length <= 60 && !/^\p{Lu}?\p{Ll}+$/u.test(text) ? text : undefined;
}
