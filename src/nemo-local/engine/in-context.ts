import { parseJson, readCall, roleOf, type Call, type Role, type Turn } from './turn.js';

/** First words of each example in a system message. */
export const EXAMPLE_START = 'For example';
/** Begins the line that leads from an example's conversation to its answer. */
export const ANSWER_START = 'The assistant answered:';
/** Begins the block that lists the calls of an example's answer. */
export const ANSWER_CALLS_START = 'Tool calls:';
/** Begins the line that lists the calls of an earlier assistant message of an example. */
export const HISTORY_CALLS_START = 'tool_calls:';

/** A conversation and what the assistant answered to it. */
export interface Example {
  turns: Turn[];
  answer: Turn;
}

/** Splits a system message into its own text and the examples that were written into it. */
export function readExamples(system: string): { text: string; examples: Example[] } {
  const [text = '', ...paragraphs] = system.split(new RegExp(`^(?=${EXAMPLE_START}\\b)`, 'm'));
  const examples = paragraphs.map(readExample).filter((example) => example !== null);
  // A policy may use the same two words: what is no example stays text.
  return examples.length === 0 ? { text: system, examples } : { text, examples };
}

function readExample(paragraph: string): Example | null {
  const at = paragraph.search(new RegExp(`^${ANSWER_START}`, 'm'));
  if (at < 0) return null;
  const answerText = paragraph.slice(at + ANSWER_START.length);
  const turns = readHistory(paragraph.slice(0, at));
  const answer = readAnswer(answerText);
  return turns.length === 0 ? null : { turns, answer };
}

const MESSAGE_START = /^(system|developer|user|human|assistant|ai|tool|function): ?/;

function readHistory(text: string): Turn[] {
  const turns: Turn[] = [];
  for (const line of text.split('\n').slice(1)) {
    const role = MESSAGE_START.exec(line);
    const words = role ? line.slice(role[0].length) : line;
    if (role) turns.push(aTurn(roleOf(role[1] ?? ''), ''));
    const last = turns.at(-1);
    if (words.startsWith(HISTORY_CALLS_START)) addCalls(turns, words.slice(HISTORY_CALLS_START.length));
    else if (last) last.text += `${words}\n`;
  }
  return turns.map(nameTool).map((turn) => ({ ...turn, text: turn.text.trim() }));
}

function readAnswer(text: string): Turn {
  const callsAt = text.search(new RegExp(`^\\s*${ANSWER_CALLS_START}`, 'm'));
  const content = callsAt < 0 ? text : text.slice(0, callsAt);
  const calls = callsAt < 0 ? [] : readCallList(text.slice(callsAt));
  const spoken = content.replace(/^\s*(?:assistant|unknown): ?/, '').trim();
  return { role: 'assistant', text: /^(?:null|none)?$/i.test(spoken) ? '' : spoken, calls };
}

/** Calls follow the assistant's words, or stand alone where it said nothing. */
function addCalls(turns: Turn[], json: string): void {
  const last = turns.at(-1);
  const turn = last?.role === 'assistant' ? last : aTurn('assistant', '');
  if (turn !== last) turns.push(turn);
  turn.calls.push(...readCallList(json));
}

function nameTool(turn: Turn, index: number, turns: readonly Turn[]): Turn {
  if (turn.role !== 'tool') return turn;
  const caller = turns.slice(0, index).findLast(({ calls }) => calls.length > 0);
  const tool = caller?.calls.at(-1)?.name;
  return tool === undefined ? turn : { ...turn, tool };
}

function readCallList(text: string): Call[] {
  const from = text.indexOf('[');
  // Prose may follow the list: the longest prefix that is JSON wins.
  for (let to = text.lastIndexOf(']'); from >= 0 && to > from; to = text.lastIndexOf(']', to - 1)) {
    const list = parseJson(text.slice(from, to + 1));
    if (Array.isArray(list)) return list.map(readCall).filter((call) => call !== null);
  }
  return [];
}

function aTurn(role: Role, text: string): Turn {
  return { role, text, calls: [] };
}
