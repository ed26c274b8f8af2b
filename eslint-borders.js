import { isBuiltin } from 'node:module';
import path from 'node:path';

const ROOT = import.meta.dirname;

/** Stand in a table for every module of Node, and for every package but Temporal's, which are named one by one. */
export const NODE = 'every module of Node';
export const PACKAGES = 'every package';

/** A package, with its scope; not `file:…`, `data:…` or `#…`. */
const PACKAGE = /^(?:@[\w.-]+\/)?[\w.-]+(?:\/|$)/;

/** `src/nemo/http` for a file of ours, `node:fs` for a module of Node, else the specifier as it is. */
function nameOf(specifier, importer) {
  if (isBuiltin(specifier)) return specifier.replace(/^(?:node:)?/, 'node:');
  if (!/^[./]/.test(specifier)) return specifier;
  const file = path.resolve(path.dirname(importer), specifier.replace(/[?#].*$/, ''));
  return path
    .relative(ROOT, file)
    .replaceAll(path.sep, '/')
    .replace(/\.[cm]?[jt]s$/, '');
}

function covers(entry, name, isOurs) {
  if (entry === NODE) return name.startsWith('node:');
  if (entry === PACKAGES) return !isOurs && PACKAGE.test(name) && !name.startsWith('@temporalio/');
  return name === entry || name.startsWith(`${entry}/`);
}

/**
 * Holds files to what they may import. Paths are resolved before they are compared, so no detour hides one. Types only
 * are what the whole statement says (`import type`): an inline `type` alone leaves the import in what is run.
 */
export const borders = {
  meta: {
    type: 'problem',
    schema: [
      {
        type: 'object',
        properties: { place: {}, values: { type: 'array' }, types: { type: 'array' } },
        required: ['place', 'values', 'types'],
        additionalProperties: false,
      },
    ],
    messages: {
      forbidden: '{{place}} may not import {{name}}.',
      typesOnly: '{{place}} may import only types from {{name}}: write `import type`.',
      computed: 'What is imported must be said in a literal, so that the borders hold.',
    },
  },
  create(context) {
    const [{ place, values, types }] = context.options;

    function check(source, isType) {
      if (source?.type !== 'Literal') return context.report({ node: source, messageId: 'computed' });
      const isOurs = /^[./]/.test(source.value);
      const name = nameOf(source.value, context.filename);
      const isAllowed = (entries) => entries.some((entry) => covers(entry, name, isOurs));
      if (isAllowed(values) || (isType && isAllowed(types))) return;
      const messageId = isAllowed(types) ? 'typesOnly' : 'forbidden';
      context.report({ node: source, messageId, data: { place, name } });
    }

    return {
      ImportDeclaration: ({ source, importKind }) => check(source, importKind === 'type'),
      ExportAllDeclaration: ({ source, exportKind }) => check(source, exportKind === 'type'),
      ExportNamedDeclaration: ({ source, exportKind }) => source && check(source, exportKind === 'type'),
      ImportExpression: ({ source }) => check(source, false),
    };
  },
};
