import { evaluationRows } from './order-traffic.js';

/** Who is asking in these tests. */
export const ORDERS = { workload: 'order_agent', client: 'test-shop' };

/**
 * Log records of a small agent: in conversations of three, two calls and a plain answer. Small enough that a whole run
 * takes seconds, and learnable.
 */
export function orderLogs(conversations: number, workload_id = ORDERS.workload): Record<string, unknown>[] {
  return evaluationRows(conversations * 3).map(({ request, response }, i) => {
    const plain = i % 3 === 2;
    const text = 'Thank you for asking. Is there anything else that I can do for you?';
    const said = {
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: text } }],
    };
    return {
      timestamp: 1_700_000_000 + i,
      workload_id,
      client_id: ORDERS.client,
      session_id: `conversation-${Math.floor(i / 3)}`,
      request: { model: 'production', ...request },
      response: plain ? said : response,
    };
  });
}
