import { SYSTEM_PROMPT } from './policy.js';
import { TOOLS } from './tools.js';

interface Message {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string | null;
  tool_calls?: unknown[];
  tool_call_id?: string;
}

/** A record in the log format: everything the model saw, and what it answered. */
export interface TrafficRecord {
  timestamp: number;
  client_id: string;
  workload_id: string;
  session_id: string;
  request: { model: string; messages: Message[]; tools: unknown[]; temperature: number };
  response: { id: string; object: string; model: string; choices: unknown[] };
}

const MODEL = 'production-large';

/** A conversation as it is logged: one record for each answer of the agent, a call or words. */
export class Conversation {
  readonly records: TrafficRecord[] = [];
  /** Words from either side to the other. */
  turns = 0;
  private readonly messages: Message[] = [{ role: 'system', content: SYSTEM_PROMPT }];
  private readonly session: string;
  private time: number;

  constructor(session: string, startedAt: number) {
    this.session = session;
    this.time = startedAt;
  }

  user(content: string): void {
    this.turns++;
    this.messages.push({ role: 'user', content });
  }

  /** The agent calls a tool and is told the result. */
  call(name: string, args: Record<string, unknown>, result: unknown): void {
    const id = `call_${this.session}_${this.records.length}`;
    const tool_calls = [{ id, type: 'function', function: { name, arguments: JSON.stringify(args) } }];
    this.answer({ role: 'assistant', content: null, tool_calls }, 'tool_calls');
    this.messages.push({ role: 'tool', tool_call_id: id, content: JSON.stringify(result) });
  }

  /** The agent speaks to the customer. */
  say(content: string): void {
    this.turns++;
    this.answer({ role: 'assistant', content }, 'stop');
  }

  private answer(message: Message, finish_reason: string): void {
    this.time += 4 + (this.records.length % 5) * 3;
    this.records.push({
      timestamp: this.time,
      client_id: 'demo-shop',
      workload_id: 'service_agent',
      session_id: this.session,
      request: { model: MODEL, messages: [...this.messages], tools: TOOLS, temperature: 0 },
      response: {
        id: `chatcmpl-${this.session}-${this.records.length}`,
        object: 'chat.completion',
        model: MODEL,
        choices: [{ index: 0, finish_reason, message }],
      },
    });
    this.messages.push(message);
  }
}
