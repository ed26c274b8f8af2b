/** As OpenTelemetry, Anthropic and OpenAI's former functions call what is `tool_calls` now. */
const CALLS = new Set(['tool_calls', 'tool_call', 'tool_use', 'function_call']);
/** Of OpenAI, of Anthropic and Google. */
const CUT = new Set(['length', 'max_tokens']);
/** Of OpenAI, of Anthropic, of Amazon's Bedrock, and of Google. */
const FILTERED = new Set([
  ...['content_filter', 'refusal', 'content_filtered', 'guardrail_intervened'],
  ...['safety', 'recitation', 'blocklist', 'prohibited_content', 'spii'],
]);

const isOneOf = (reasons: ReadonlySet<string>, value: unknown): boolean =>
  typeof value === 'string' && reasons.has(value.toLowerCase());

/** Whether a finish reason says that the answer was a tool call. */
export const saysToolCalls = (reason: unknown): boolean => isOneOf(CALLS, reason);

/** Whether a finish reason says that the answer ends where it had no more tokens. */
export const saysCutOff = (reason: unknown): boolean => isOneOf(CUT, reason);

/** Whether a finish reason says that the provider's filter stopped or replaced the answer. */
export const saysFiltered = (reason: unknown): boolean => isOneOf(FILTERED, reason);
