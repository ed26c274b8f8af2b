import { shapeOf } from './argument-features.js';
import { bestValue, parameterKey, weighValues, type ArgumentSkill } from './argument-scorer.js';
import type { Scene } from './candidate-value.js';
import type { Capacity } from './capacity.js';
import { parametersOf, type Parameter } from './parameter.js';
import type { Call, JsonValue } from './turn.js';
import type { ToolSchema } from './types.js';

const FREE_TEXT = /summary|thought|reason|message|text|note|comment|query|question|content|body|expression/;

/** Chooses the arguments of a call: those that are required, that training mostly gave, or that an example gives. */
export function fillArguments(
  tool: ToolSchema,
  scene: Scene,
  skill: ArgumentSkill,
  examples: readonly Call[],
  capacity: Capacity,
): Record<string, JsonValue> {
  const similar = examples.filter(({ name }) => name === tool.function.name);
  const wanted = parametersOf(tool).filter((parameter) => isWanted(parameter, skill, similar));
  return Object.fromEntries(
    wanted.map((parameter) => {
      const shapes = similar.flatMap((call) => call.arguments[parameter.name] ?? []).map(shapeOf);
      const values = isFreeText(parameter, skill)
        ? []
        : weighValues(parameter, scene, skill, capacity, shapes);
      return [parameter.name, bestValue(values, skill) ?? withoutEvidence(parameter, scene)];
    }),
  );
}

function isWanted(parameter: Parameter, { presence }: ArgumentSkill, similar: readonly Call[]): boolean {
  const share = presence.get(parameterKey(parameter));
  if (share !== undefined) return share >= 0.5;
  return parameter.isRequired || similar.some((call) => call.arguments[parameter.name] !== undefined);
}

/** Words of the model's own are asked for, unless training drew them from the conversation. */
function isFreeText({ type, name, ...rest }: Parameter, { presence }: ArgumentSkill): boolean {
  return type === 'string' && FREE_TEXT.test(name) && !presence.has(parameterKey({ type, name, ...rest }));
}

/** Where the conversation has no fitting value: the user's own words, or the type's emptiest value. */
function withoutEvidence({ type, enumeration }: Parameter, { turns }: Scene): JsonValue {
  switch (type) {
    case 'string':
      return enumeration[0] ?? turns.findLast(({ role }) => role === 'user')?.text.slice(0, 200) ?? '';
    case 'number':
    case 'integer':
      return 0;
    case 'boolean':
      return false;
    case 'array':
      return [];
    case 'object':
      return {};
  }
}
