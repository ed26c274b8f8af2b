import type { CanonicalRecord, Message } from './canonical-record.js';
import type { Digests } from './digests.js';
import { isSystem } from './roles.js';
import type { EvaluationRow, InContextRow, WireMessage } from './rows.js';
import { countTokens } from './tokens.js';

const PREAMBLE =
  'You are a capable assistant. Below are examples of how requests like this one were answered.\n' +
  'Answer the conversation that follows in the same way.';

const SEPARATOR = '\n\n';

/**
 * Candidates for examples, by tool, the shortest first; at most `most` of each. Bytes stand for tokens here, since only
 * the order matters.
 */
export function exampleCandidates(digests: Digests, training: Uint32Array, most: number): number[][] {
  const { lineBytesOf, compareIds, labelOf } = digests;
  const sorted = training.slice().sort((a, b) => lineBytesOf(a) - lineBytesOf(b) || compareIds(a, b));
  const groups = new Map<string, number[]>();
  for (const record of sorted) {
    const group = groups.get(labelOf(record)) ?? [];
    if (group.length < most) groups.set(labelOf(record), [...group, record]);
  }
  return [...groups.values()];
}

/**
 * The examples for one row, in the order in which they are tried: `most` places are shared out over the tools, and
 * where there are more tools than places, each row begins with another tool.
 */
export function examplesFor<T>(groups: readonly T[][], row: number, most: number): T[] {
  const turned = groups.map((_, i) => groups[(i + row * most) % groups.length] ?? []);
  const rounds = Math.max(0, ...turned.map((group) => group.length));
  return Array.from({ length: rounds }, (_, round) =>
    turned.flatMap((group) => group.slice(round, round + 1)),
  ).flat();
}

export interface Example {
  text: string;
  tokens: number;
}

/**
 * Tokens that examples may take: what the context has room for beside the request as it is logged, the free rest and
 * what introduces the examples.
 */
export const exampleBudget = (
  { request }: EvaluationRow,
  { maxContextLength, reservedTokens }: { maxContextLength: number; reservedTokens: number },
): number => maxContextLength - reservedTokens - countTokens(JSON.stringify(request)) - countTokens(PREAMBLE);

/** With what sets it apart from the text before it. */
export const tokensOfExample = (text: string): number => countTokens(`${SEPARATOR}${text}`);

/** The first `most` examples that fit into the budget; one that does not fit makes way for the next. */
export async function fittingExamples(
  examples: AsyncIterable<Example> | Iterable<Example>,
  most: number,
  budget: number,
): Promise<Example[]> {
  const chosen: Example[] = [];
  let left = budget;
  if (most === 0) return chosen;
  for await (const example of examples) {
    if (example.tokens > left) continue;
    left -= example.tokens;
    // No further one is asked for: each would have to be read and counted.
    if (chosen.push(example) === most) break;
  }
  return chosen;
}

/** One example as a paragraph. The system message is left out: the row has its own. */
export function renderExample({ messages, answer }: CanonicalRecord): string {
  const history = messages.filter((message) => !isSystem(message)).flatMap(renderMessage);
  const reply = [
    ...(answer.content === null || answer.content === ''
      ? []
      : [`assistant: ${renderContent(answer.content)}`]),
    ...(answer.toolCalls.length === 0 ? [] : ['Tool calls:', JSON.stringify(callsOf(answer), null, 2)]),
  ];
  return ['For example, in this conversation:', ...history, 'The assistant answered:', ...reply].join('\n');
}

function renderMessage(message: Message): string[] {
  const text = message.content === null ? '' : renderContent(message.content);
  return [
    ...(text === '' && message.toolCalls.length > 0 ? [] : [`${message.role}: ${text}`]),
    ...(message.toolCalls.length === 0 ? [] : [`tool_calls: ${JSON.stringify(callsOf(message))}`]),
  ];
}

const callsOf = ({ toolCalls }: Message) =>
  toolCalls.map(({ name, arguments: args }) => ({ name, arguments: args }));

const renderContent = (content: unknown): string =>
  typeof content === 'string' ? content : JSON.stringify(content);

/** Puts the examples before the first system message, or into one of their own; without examples the row is as it was. */
export function toInContextRow(row: EvaluationRow, examples: readonly Example[]): InContextRow {
  const original_messages = row.request.messages;
  if (examples.length === 0) return { ...row, original_messages };
  const text = [PREAMBLE, ...examples.map((example) => example.text)].join(SEPARATOR);
  return {
    ...row,
    request: { ...row.request, messages: withSystemText(original_messages, text) },
    original_messages,
  };
}

function withSystemText(messages: WireMessage[], text: string): WireMessage[] {
  const at = messages.findIndex(isSystem);
  if (at === -1) return [{ role: 'system', content: text }, ...messages];
  return messages.map((message, i) =>
    i === at ? { ...message, content: prepended(text, message.content) } : message,
  );
}

/** A content in parts stays in parts. */
const prepended = (text: string, content: unknown): unknown =>
  Array.isArray(content)
    ? [{ type: 'text', text }, ...(content as unknown[])]
    : `${text}\n\n${renderContent(content ?? '')}`;
