import { operationSection } from './page-operation.js';
import { escaped, schemaBlock } from './page-parts.js';
import type { OpenApiDocument } from './document.js';

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --get: #1a7f37; --post: #0969da; --delete: #cf222e }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 2rem 1rem }
h2 { margin: 2.5rem 0 .5rem }
h2::first-letter { text-transform: uppercase }
code, pre { font: 14px/1.45 ui-monospace, monospace }
pre { background: var(--soft); padding: .75rem; overflow-x: auto; border-radius: 6px }
details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; padding: .5rem .75rem }
summary { cursor: pointer }
summary .path { font-weight: 600; margin: 0 .75rem 0 .25rem }
.method { display: inline-block; width: 4.5rem; text-align: center; border-radius: 4px; color: #fff; font-size: 13px }
.get { background: var(--get) } .post { background: var(--post) } .delete { background: var(--delete) }
table { border-collapse: collapse; width: 100% }
td, th { border-top: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top }
`;

/** The document as one page that needs nothing else: no script, no other file, nothing from another host. */
export function docsPage({ info, tags, paths, components }: OpenApiDocument): string {
  const sections = tags.map(({ name }) => {
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, operation]) => operation.tags.includes(name))
        .map(([method, operation]) => operationSection(method, path, operation)),
    );
    return `<h2>${escaped(name)}</h2>\n${operations.join('\n')}`;
  });
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      // A link to what is inside a folded part unfolds it.
      `<details><summary><code>${escaped(name)}</code></summary><div id="${escaped(name)}">${schemaBlock(schema)}</div></details>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(info.title)} ${escaped(info.version)}</title>
<style>${STYLE}</style>
<h1>${escaped(info.title)} <small>${escaped(info.version)}</small></h1>
<p>${escaped(info.description)}</p>
<p>For programs: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1)</p>
${sections.join('\n')}
<h2>Schemas</h2>
${schemas.join('\n')}
</html>
`;
}
