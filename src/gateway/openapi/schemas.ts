import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;

/** Schemas by the keys they were given under, and those with an id, which the others refer to. */
export interface JsonSchemas {
  byKey: Record<string, JsonSchema>;
  components: Record<string, JsonSchema>;
}

/**
 * The zod schemas in the words of JSON Schema 2020-12, which are OpenAPI 3.1's: what is read of a request (`input`), or
 * what is written into an answer (`output`).
 */
export function jsonSchemas(schemas: Record<string, z.ZodType>, io: 'input' | 'output'): JsonSchemas {
  // What a reader of `src/config/lax.ts` takes it says itself.
  const whole = z.toJSONSchema(z.object(schemas), { io, unrepresentable: 'any' });
  const { properties = {}, $defs = {} } = JSON.parse(
    JSON.stringify(whole).replaceAll('"#/$defs/', '"#/components/schemas/'),
  ) as { properties?: Record<string, JsonSchema>; $defs?: Record<string, JsonSchema> };
  return { byKey: properties, components: $defs };
}
