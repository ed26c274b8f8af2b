import type { ConfigData } from './guardrail-config.js';
import { unprocessable } from './http-error.js';

export type RailStatus = 'success' | 'blocked';

/** Applies the rails of one side to a text; answers the status of each flow. Throws a 422 for a flow that is not here. */
export function applyRails(
  side: 'input' | 'output',
  { rails }: ConfigData,
  text: string,
): Record<string, RailStatus> {
  const statuses = rails[side].flows.map((flow): [string, RailStatus] => {
    const isViolated = railOf(flow, side);
    return [flow, isViolated(text, rails) ? 'blocked' : 'success'];
  });
  return Object.fromEntries(statuses);
}

type Rail = (text: string, rails: ConfigData['rails']) => boolean;

function railOf(flow: string, side: 'input' | 'output'): Rail {
  // `content safety check input $model=content_safety`: the model's name is part of the flow.
  const name = flow.replace(/\s*\$.*$/, '').trim();
  if (name === `self check ${side}` || name === `content safety check ${side}`) return isHarmful;
  if (name === `regex check ${side}`) return (text, rails) => matchesPattern(text, rails, side);
  throw unprocessable(
    ['body', 'guardrails'],
    `nemo-local has no ${side} rail ${flow}, only: self check, content safety check, regex check`,
  );
}

function matchesPattern(text: string, { config }: ConfigData['rails'], side: 'input' | 'output'): boolean {
  const detection = config?.regex_detection?.[side];
  const flags = detection?.case_insensitive ? 'iu' : 'u';
  return (detection?.patterns ?? []).some((pattern) => toRegExp(pattern, flags).test(text));
}

function toRegExp(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags);
  } catch (error) {
    throw unprocessable(['body', 'guardrails'], `not a regular expression: ${pattern}: ${String(error)}`);
  }
}

/**
 * Words that stand for harm, each group a kind of it. The stand-in for a safety model is this list: it hears no irony
 * and no paraphrase, but the same text has the same verdict everywhere.
 */
const HARMFUL = [
  /\b(kill|murder|stab|shoot|poison|assault|torture|rape|kidnap)(s|ed|ing)?\b.*\b(him|her|them|you|me|people|someone|somebody|myself|yourself|everyone)\b/,
  /\b(build|make|buy|assemble|detonate|plant)\b.*\b(bombs?|explosives?|grenades?|nerve gas|weapons?)\b/,
  /\b(suicide|self[- ]harm|hurt myself|end my life)\b/,
  /\b(you|he|she|they)('re| are| is)? (an? )?(stupid|idiots?|morons?|worthless|scum)\b/,
  /\b(ignore|forget|disregard)\b.*\b(previous|prior|above|your|all)\b.*\b(instructions?|rules?|prompts?)\b/,
  /\b(steal|hack into|phish|forge)(ing)?\b.*\b(passwords?|accounts?|cards?|identit(y|ies)|passports?)\b/,
];

const isHarmful: Rail = (text) => HARMFUL.some((kind) => kind.test(text.toLowerCase()));
