import type { Answer } from '../../chat/answer.js';
import { asFields, defined, type Fields, isText, unpacked } from '../../values.js';

/**
 * Messages that OpenLLMetry spreads over attributes with numbers: `gen_ai.prompt.0.role`, `….0.tool_calls.0.name`.
 * https://github.com/traceloop/openllmetry (`opentelemetry-instrumentation-openai`, `shared/chat_wrappers.py`)
 */
export const fromPrompts = (attributes: Fields): Fields[] =>
  numbered(attributes, ['gen_ai.prompt.', 'llm.prompts.']).flatMap((fields) => {
    const role = fields['role'];
    return isText(role) ? [{ role, ...messageOf(fields) }] : [];
  });

export function fromCompletions(attributes: Fields): Answer | null {
  const [first] = numbered(attributes, ['gen_ai.completion.', 'llm.completions.']);
  if (!first) return null;
  return { message: { role: 'assistant', ...messageOf(first) }, finishReason: first['finish_reason'] };
}

export const fromFunctions = (attributes: Fields): unknown[] =>
  numbered(attributes, ['llm.request.functions.']);

function messageOf(fields: Fields): Fields {
  const calls = numbered(fields, ['tool_calls.']).map(({ id, name, arguments: given }) =>
    defined({ id, type: 'function', function: defined({ name, arguments: given ?? '{}' }) }),
  );
  // Lists of parts are written as their JSON.
  const content = Array.isArray(unpacked(fields['content'])) ? parts(fields) : fields['content'];
  return {
    content: content ?? null,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...defined({ tool_call_id: fields['tool_call_id'] }),
  };
}

/** Only what is a list of parts; another list in JSON may well be the text of a message. */
function parts({ content }: Fields): unknown {
  const list = unpacked(content);
  const isParts = Array.isArray(list) && list.every((part) => isText(asFields(part)['type']));
  return isParts ? list : content;
}

/** What stands under `<prefix><n>.<key>`, in the order of the numbers. */
function numbered(attributes: Fields, prefixes: string[]): Fields[] {
  const groups = new Map<number, Fields>();
  for (const [name, value] of Object.entries(attributes)) {
    const prefix = prefixes.find((one) => name.startsWith(one));
    const [, number, key] = /^(\d{1,6})\.(.+)$/.exec(name.slice(prefix?.length ?? 0)) ?? [];
    if (prefix === undefined || number === undefined || key === undefined) continue;
    groups.set(Number(number), { ...groups.get(Number(number)), [key]: value });
  }
  return [...groups.entries()].sort(([a], [b]) => a - b).map(([, fields]) => fields);
}
