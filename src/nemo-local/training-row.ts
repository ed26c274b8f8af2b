import { z } from 'zod';
import type { ChatMessage, TrainingRow } from './engine/types.js';

/** How a job has its rows read. */
export interface RowForm {
  /** Of rows of texts, as `{prompt} {completion}`: what comes last is the answer to what is before it. */
  promptTemplate: string;
  /** Offered in each row that names none of its own. */
  tools: Tool[];
}

export const Tool = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({ name: z.string() }),
});
type Tool = z.infer<typeof Tool>;

const ChatRow = z.object({
  messages: z
    .array(z.looseObject({ role: z.string() }))
    .min(1)
    .refine(
      (messages) => messages.at(-1)?.role === 'assistant',
      'the last message must be from the assistant',
    ),
  tools: z.array(Tool).nullish(),
});

/** Reads one line of a training file: messages, or texts under the names of the template. Throws an Error that names `place`. */
export function toTrainingRow(
  value: unknown,
  place: string,
  { promptTemplate, tools }: RowForm,
): TrainingRow {
  if (typeof value === 'object' && value !== null && !('messages' in value))
    return { messages: toMessages(value, place, promptTemplate) };
  const row = parse(ChatRow, value, place);
  // Loose objects: the further members are the wire's own and read as unknown.
  const messages: ChatMessage[] = row.messages;
  const offered = row.tools ?? tools;
  return offered.length > 0 ? { messages, tools: offered } : { messages };
}

/** As the NIM proxy answers a text prompt: as if a user had said it. */
function toMessages(value: object, place: string, template: string): ChatMessage[] {
  const names = [...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
  const missing = names.filter((name) => !(name in value));
  if (names.length < 2 || missing.length > 0)
    throw new Error(`${place}: row: has no messages, nor the texts of the prompt template ${template}`);
  const texts = parse(textsNamed(names), value, place);
  const answer = names.at(-1) ?? '';
  const asked = template.slice(0, template.lastIndexOf(`{${answer}}`));
  const prompt = asked.replace(PLACEHOLDER, (_, name: string) => texts[name] ?? '');
  return [
    { role: 'user', content: prompt.trim() },
    { role: 'assistant', content: texts[answer] ?? '' },
  ];
}

const PLACEHOLDER = /\{(\w+)\}/g;

const textsNamed = (names: readonly string[]) =>
  z.object(Object.fromEntries(names.map((name) => [name, z.string()])));

function parse<T>(schema: z.ZodType<T>, value: unknown, place: string): T {
  const { data, error } = schema.safeParse(value);
  if (data !== undefined) return data;
  const issue = error?.issues[0];
  throw new Error(`${place}: ${issue?.path.join('.') || 'row'}: ${issue?.message ?? 'malformed'}`);
}
