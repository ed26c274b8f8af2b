import { type Answer, toAnswer } from '../chat/answer.js';
import { toMessageList } from '../chat/message.js';
import { toTools } from '../chat/tool.js';
import type { ColumnField, ColumnMapping } from '../column-mapping.js';
import type { Format } from '../format.js';
import { toReading } from '../model-call.js';
import { namesOf } from '../names.js';
import { asFields, type Fields, isText, unpacked } from '../values.js';

/**
 * Rows of a table, a column for each field: `messages` is a JSON list or the text of what the user said, `answer` the
 * JSON of a message or its text, `request` and `response` are JSON as OpenAI's chat completions have them.
 */
export const columns = (mapping: ColumnMapping): Format => ({
  name: 'columns',
  title: 'rows of a table',
  recognises: () => true,
  read(row, { names, fallbackMs }) {
    const cell = (field: ColumnField): unknown => cellOf(row, mapping[field]);
    const request = asFields(unpacked(cell('request')));
    const { choices, ...response } = asFields(unpacked(cell('response')));
    const own = { workload_id: cell('workload'), client_id: cell('client') };
    const reading = toReading({
      names: namesOf([own], names),
      timestamp: cell('timestamp') ?? response['created'] ?? fallbackMs,
      session: cell('session'),
      parameters: {
        ...request,
        model: cell('model') ?? request['model'],
        tools: toTools(cell('tools') ?? request['tools']),
      },
      messages: [...systemMessage(cell('system')), ...messagesOf(cell('messages') ?? request['messages'])],
      answer: answerOf(cell('answer'), choices),
      response,
    });
    return [reading];
  },
});

/** An empty cell is none. */
const cellOf = (row: Fields, column: string | undefined): unknown =>
  column === undefined || row[column] === '' ? undefined : row[column];

const systemMessage = (text: unknown): Fields[] => (isText(text) ? [{ role: 'system', content: text }] : []);

function messagesOf(value: unknown): Fields[] {
  const messages = toMessageList(unpacked(value));
  return messages.length === 0 && isText(value) ? [{ role: 'user', content: value }] : messages;
}

const answerOf = (answer: unknown, choices: unknown): Answer | null =>
  answer === undefined ? toAnswer(Array.isArray(choices) ? { choices } : null) : toAnswer(answer);
