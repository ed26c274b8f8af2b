import type { z } from 'zod';
import type { Answer, Operation } from '../operation.js';
import { type JsonSchema, type JsonSchemas, jsonSchemas } from './schemas.js';

export type Method = 'get' | 'post' | 'delete';

/** The operations of each path; a parameter in it is `{id}`. */
export type Paths = Record<string, Partial<Record<Method, Operation>>>;

/** What is read of the document in this program; the rest of it is as OpenAPI 3.1 says. */
export interface OpenApiDocument {
  openapi: '3.1.0';
  info: { title: string; version: string; description: string };
  tags: { name: string }[];
  paths: Record<string, Record<string, DescribedOperation>>;
  security: Record<string, string[]>[];
  components: { schemas: Record<string, JsonSchema>; securitySchemes: Record<string, JsonSchema> };
}

export interface DescribedOperation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  parameters?: { name: string; in: string; required: boolean; description?: string; schema: JsonSchema }[];
  requestBody?: { required: true; content: Record<string, { schema: JsonSchema }> };
  responses: Record<string, DescribedAnswer>;
}

export interface DescribedAnswer {
  description: string;
  headers?: Record<string, { description: string; required: true; schema: JsonSchema }>;
  content: Record<string, { schema: JsonSchema }>;
}

const ID = {
  name: 'id',
  in: 'path',
  required: true,
  description: '24 hex digits; in upper case they mean the same',
  schema: { type: 'string' },
};

/** The OpenAPI 3.1 document of the paths, made from the schemas that read their requests and describe their answers. */
export function openApiDocument(paths: Paths, version: string): OpenApiDocument {
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  const requests = jsonSchemas(keyed(operations.flatMap(requestSchemas)), 'input');
  const answers = jsonSchemas(keyed(operations.flatMap(answerSchemas)), 'output');
  const described = Object.entries(paths).map(([path, methods]) => [
    path,
    Object.fromEntries(
      Object.entries(methods).map(([method, operation]) => [
        method,
        describe(path, operation, requests, answers),
      ]),
    ),
  ]);
  return {
    openapi: '3.1.0',
    info: {
      title: 'data-flywheel',
      version,
      description:
        'Finds, or trains, the cheaper model that does a workload’s job as well. Numbers, flags and the like are also ' +
        'taken as texts ("20", "true"), and unknown keys of a request are ignored.',
    },
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths: Object.fromEntries(described),
    // Where no keys are configured none is needed.
    security: [{ key: [] }, {}],
    components: {
      schemas: { ...requests.components, ...answers.components },
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
    },
  };
}

type Keyed = [key: string, schema: z.ZodType];

const keyed = (schemas: Keyed[]): Record<string, z.ZodType> => Object.fromEntries(schemas);

const requestSchemas = ({ id, query, body }: Operation): Keyed[] => [
  ...(query ? [[`${id} query`, query] satisfies Keyed] : []),
  ...Object.entries(body?.content ?? {}).map(([type, schema]): Keyed => [`${id} ${type}`, schema]),
];

const answerSchemas = ({ id, answers }: Operation): Keyed[] =>
  Object.entries(answers).flatMap(([status, { content }]) =>
    Object.entries(content).map(([type, schema]): Keyed => [`${id} ${status} ${type}`, schema]),
  );

function describe(
  path: string,
  operation: Operation,
  requests: JsonSchemas,
  answers: JsonSchemas,
): DescribedOperation {
  const { id, tag, summary, description, body } = operation;
  const parameters = [
    ...(path.includes('{id}') ? [ID] : []),
    ...queryParameters(requests.byKey[`${id} query`]),
    ...headerParameters(operation.headers),
  ];
  const contentOf = (content: Record<string, z.ZodType>, at: string, schemas: JsonSchemas) =>
    Object.fromEntries(
      Object.keys(content).map((type) => [type, { schema: schemas.byKey[`${at} ${type}`] ?? {} }]),
    );
  const responses = Object.entries(operation.answers).map(([status, answer]): [string, DescribedAnswer] => [
    status,
    describeAnswer(answer, contentOf(answer.content, `${id} ${status}`, answers)),
  ]);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: contentOf(body.content, id, requests) } }),
    responses: Object.fromEntries(responses),
  };
}

const describeAnswer = (
  { description, headers = {} }: Answer,
  content: DescribedAnswer['content'],
): DescribedAnswer => ({
  description,
  ...(Object.keys(headers).length > 0 && {
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, text]) => [
        name,
        { description: text, required: true as const, schema: { type: 'string' } },
      ]),
    ),
  }),
  content,
});

const headerParameters = (headers: Operation['headers'] = {}) =>
  Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }));

function queryParameters(schema: JsonSchema | undefined) {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(typeof description === 'string' && { description }),
    schema: rest,
  }));
}
