import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { request } from 'express';
import { openApiDocument, type DescribedAnswer } from '../../src/gateway/openapi/document.js';
import { ROUTES } from '../../src/gateway/routes.js';

/** An answer of the gateway as it was sent. */
export interface SeenAnswer {
  method: string;
  /** With its query. */
  path: string;
  status: number;
  headers: Record<string, string | undefined>;
  body: string;
  /** Whether it is an upstream's, which the proxy has passed on. */
  isPassedOn?: boolean;
}

export const document = openApiDocument(ROUTES, '0');

const DOCUMENT = 'openapi.json';
const ajv = new Ajv2020({ strict: false, allErrors: true }).addSchema(document, DOCUMENT);
const validators = new Map<string, ValidateFunction>();

/** Why an answer is not as the OpenAPI document says; null where it is. */
export function complaintOf(answer: SeenAnswer): string | null {
  const reason = reasonOf(answer);
  if (reason === null) return null;
  const { method, path, status, body } = answer;
  return `${method} ${path}: ${status}: ${reason}\n  ${body.slice(0, 500)}`;
}

/** What HTTP itself answers, whatever is asked for: nothing has changed since; what is expected cannot be. */
const isOfHttp = ({ method, status, body }: SeenAnswer): boolean =>
  body === '' && (status === 417 || (status === 304 && ['GET', 'HEAD'].includes(method)));

/** As Express reads it, which takes no URL for what it stands for: `..` and `%2e` stay as they are. */
function pathOf(url: string): string {
  try {
    return String(Reflect.get(request, 'path', { url }));
  } catch {
    return url.replace(/\?.*$/s, '');
  }
}

function reasonOf(answer: SeenAnswer): string | null {
  const { method, status } = answer;
  if (isOfHttp(answer)) return null;
  const path = pathOf(answer.path);
  // What an upstream answers is described by others.
  if (path.startsWith('/v1/')) return answer.isPassedOn ? null : proxyReason(answer);
  const template = templateOf(path);
  if (template === undefined) return strayReason(answer, path);
  const operation = document.paths[template]?.[method === 'HEAD' ? 'get' : method.toLowerCase()];
  if (!operation)
    return status === 405 && answer.headers['allow']
      ? problemReason(answer)
      : refusalReason(answer, 'no such method');
  const described = operation.responses[status];
  if (!described) return 'a status that is not described';
  const at = ['paths', template, method.toLowerCase(), 'responses', String(status), 'content'];
  return method === 'HEAD' ? null : (headerReason(answer, described) ?? bodyReason(answer, described, at));
}

const templateOf = (path: string): string | undefined =>
  Object.keys(document.paths).find((template) =>
    new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );

const openAiError = ajv.compile({
  type: 'object',
  required: ['error'],
  properties: { error: { required: ['message', 'type', 'param', 'code'] } },
});

/** Of our own where requests pass on: refusals, and, in the form of the API behind, what cannot pass. */
function proxyReason(answer: SeenAnswer): string | null {
  if (![400, 401, 404, 429, 502].includes(answer.status)) return 'a status that is not described';
  if (answer.method === 'HEAD') return null;
  if (![400, 502].includes(answer.status)) return problemReason(answer);
  return openAiError(JSON.parse(answer.body)) ? null : ajv.errorsText(openAiError.errors);
}

/** A path that is not described: with a slash too many, or nothing is there. */
function strayReason(answer: SeenAnswer, path: string): string | null {
  const { status, headers } = answer;
  if (status === 307 && headers['location'] !== undefined && templateOf(path.slice(0, -1)) !== undefined)
    return null;
  return status === 404 ? problemReason(answer) : refusalReason(answer, 'a path that is not described');
}

/** What is said before anybody looks what is asked for: of no URL, without a key, too often. */
const BEFORE_ALL = new Set([400, 401, 429]);

const refusalReason = (answer: SeenAnswer, otherwise: string): string | null =>
  BEFORE_ALL.has(answer.status) ? problemReason(answer) : otherwise;

const problemReason = (answer: SeenAnswer): string | null =>
  schemaReason(answer, ['components', 'schemas', 'Problem']);

const headerReason = ({ headers }: SeenAnswer, described: DescribedAnswer): string | null => {
  const missing = Object.keys(described.headers ?? {}).find(
    (name) => headers[name.toLowerCase()] === undefined,
  );
  return missing === undefined ? null : `no header ${missing}`;
};

function bodyReason(answer: SeenAnswer, { content }: DescribedAnswer, at: string[]): string | null {
  if (Object.keys(content).length === 0) return answer.body === '' ? null : 'a body, where there is none';
  const type = answer.headers['content-type']?.split(';')[0] ?? 'none';
  if (content[type] === undefined) return `a body of the type ${type}, which is not described`;
  if (type === 'text/event-stream') return eventReason(answer, [...at, type, 'schema']);
  return schemaReason(answer, [...at, type, 'schema'], type === 'application/json');
}

/** Of a stream the data of each event is described. */
const eventReason = (answer: SeenAnswer, at: string[]): string | null =>
  [...answer.body.matchAll(/^data: (.*)$/gm)]
    .map(([, body = '']) => schemaReason({ ...answer, body }, at))
    .find((reason) => reason !== null) ?? null;

function schemaReason({ method, body }: SeenAnswer, at: string[], isJson = true): string | null {
  if (method === 'HEAD') return null;
  const pointer = at.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/');
  const validate = validators.get(pointer) ?? ajv.compile({ $ref: `${DOCUMENT}#/${encodeURI(pointer)}` });
  validators.set(pointer, validate);
  return validate(isJson ? JSON.parse(body) : body)
    ? null
    : ajv.errorsText(validate.errors, { dataVar: 'body' });
}
