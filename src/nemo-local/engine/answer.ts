import { fillArguments } from './arguments.js';
import { UNTAUGHT } from './argument-scorer.js';
import { readScene } from './candidate-value.js';
import { capacityOf } from './capacity.js';
import { nearestTemplate, readFewShot, vote, type FewShot } from './few-shot.js';
import { hash } from './hash.js';
import { readinessOf } from './readiness.js';
import { toSkill, type Skill } from './skill.js';
import { stateFeatures, type SparseVector } from './state-features.js';
import { extractiveAnswer } from './plain-answer.js';
import { fillTemplate, type Template } from './template.js';
import { isRecord, readTurns } from './turn.js';
import type { Adapter, BaseModel, ChatAnswer, ChatRequest, ToolCall, ToolSchema } from './types.js';
import { PLAIN, zeroShotLogits } from './zero-shot.js';

/** Answers in words or with one call: what the schemas suggest, moved by the prompt's examples and by the adapter's weights. */
export function answerChat(
  request: ChatRequest,
  model: BaseModel,
  adapter: Adapter | null,
): Pick<ChatAnswer, 'content' | 'toolCalls'> {
  const capacity = capacityOf(model);
  const { turns, fewShot } = readFewShot(readTurns(request.messages), capacity);
  const skill = adapter && toSkill(adapter);
  const { tools, isPlainAllowed } = readToolChoice(request);
  const scene = readScene(turns, capacity);
  const ready = readinessOf(scene, tools);
  const state = stateFeatures(turns, capacity, ready);
  const logits = zeroShotLogits(scene, tools, ready, capacity);
  if (fewShot.demonstrations.length > 0) vote(logits, fewShot, state);
  if (skill) correct(logits, skill, state);
  const likeliest = tools.toSorted((a, b) => logitOf(logits, b) - logitOf(logits, a))[0];
  if (likeliest && (!isPlainAllowed || logitOf(logits, likeliest) > (logits.get(PLAIN) ?? 0))) {
    const call = fillArguments(likeliest, scene, skill?.arguments ?? UNTAUGHT, fewShot.calls, capacity);
    return {
      content: null,
      toolCalls: [toToolCall(likeliest.function.name, JSON.stringify(call), turns.length)],
    };
  }
  const template = templateFor(state, skill, fewShot);
  const words = template === undefined ? '' : fillTemplate(template, scene);
  return { content: words || extractiveAnswer(scene, likeliest, capacity), toolCalls: [] };
}

/** Reads `tool_choice`: which tools may be called, and whether an answer in words is allowed. */
function readToolChoice({ tools = [], tool_choice: choice }: ChatRequest): {
  tools: ToolSchema[];
  isPlainAllowed: boolean;
} {
  if (choice === 'none') return { tools: [], isPlainAllowed: true };
  if (choice === 'required') return { tools, isPlainAllowed: false };
  const name = isRecord(choice) && isRecord(choice.function) ? choice.function.name : undefined;
  if (name === undefined) return { tools, isPlainAllowed: true };
  return { tools: tools.filter((tool) => tool.function.name === name), isPlainAllowed: false };
}

function correct(logits: Map<string, number>, { decision }: Skill, state: SparseVector): void {
  const correction = decision.logits(state);
  decision.labels.forEach((choice, i) => {
    const before = logits.get(choice);
    if (before !== undefined) logits.set(choice, before + (correction[i] ?? 0));
  });
}

function logitOf(logits: ReadonlyMap<string, number>, tool: ToolSchema): number {
  return logits.get(tool.function.name) ?? 0;
}

function templateFor(state: SparseVector, skill: Skill | null, fewShot: FewShot): Template | undefined {
  if (!skill) return nearestTemplate(fewShot, state);
  const logits = skill.wording.logits(state);
  return skill.templates[logits.indexOf(Math.max(...logits))];
}

/** The id follows from the call and its place, so that the same request has the same answer. */
function toToolCall(name: string, json: string, place: number): ToolCall {
  const id = hash(`${place} ${name} ${json}`).toString(36);
  return { id: `call_${id}`, type: 'function', function: { name, arguments: json } };
}
