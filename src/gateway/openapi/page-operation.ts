import type { DescribedOperation } from './document.js';
import { escaped, prose, schemaBlock } from './page-parts.js';
import type { JsonSchema } from './schemas.js';

/** One method of one path, folded up. */
export function operationSection(method: string, path: string, operation: DescribedOperation): string {
  const { summary, description, parameters = [], requestBody, responses } = operation;
  return `<details id="${operation.operationId}">
<summary><span class="method ${method}">${method.toUpperCase()}</span>
<code class="path">${escaped(path)}</code> ${prose(summary)}</summary>
${description === undefined ? '' : `<p>${prose(description)}</p>`}
${parameters.length === 0 ? '' : parameterTable(parameters)}
${requestBody ? `<h4>Body</h4>${contents(requestBody.content)}` : ''}
<h4>Answers</h4>
${Object.entries(responses).map(answer).join('\n')}
</details>`;
}

const parameterTable = (parameters: NonNullable<DescribedOperation['parameters']>): string => {
  const rows = parameters.map(
    ({ name, in: place, description = '', schema }) =>
      `<tr><td><code>${escaped(name)}</code></td><td>${place}</td><td>${prose(description)}${schemaBlock(schema)}</td></tr>`,
  );
  return `<table><tr><th>parameter</th><th>in</th><th></th></tr>${rows.join('')}</table>`;
};

const answer = ([status, { description, content }]: [
  string,
  DescribedOperation['responses'][string],
]): string =>
  `<details${status === '200' ? ' open' : ''}><summary><code>${status}</code> ${prose(description)}</summary>${contents(content)}</details>`;

const contents = (content: Record<string, { schema: JsonSchema }>): string =>
  Object.entries(content)
    .map(([type, { schema }]) => `<div><code>${escaped(type)}</code>${schemaBlock(schema)}</div>`)
    .join('');
