import { Template } from '@huggingface/jinja';

/** What a template may name: the row, and (for metrics) the model's answer to it; rows without a model stand bare too. */
export interface TemplateContext {
  item: unknown;
  sample?: { output_text: string | null; response: unknown };
  [name: string]: unknown;
}

const compiled = new Map<string, Template>();
const MAX_COMPILED = 500;

/** Renders one Jinja template to text. */
export function renderText(source: string, context: TemplateContext): string {
  if (!source.includes('{')) return source;
  if (compiled.size > MAX_COMPILED) compiled.clear();
  const template = compiled.get(source) ?? new Template(source);
  compiled.set(source, template);
  return template.render({ ...context });
}

/**
 * Renders a request template. A whole member may be one template that renders to JSON
 * (`"{{ item.request.messages | tojson }}"`); strings further inside stay text. Members that render to null are left out.
 */
export function renderRequest(
  template: Record<string, unknown>,
  context: TemplateContext,
): Record<string, unknown> {
  const members = Object.entries(template).map(([key, value]) => [
    key,
    typeof value === 'string' ? jsonOrText(renderText(value, context)) : renderInside(value, context),
  ]);
  return Object.fromEntries(members.filter(([, value]) => value !== null && value !== ''));
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function renderInside(value: unknown, context: TemplateContext): unknown {
  if (typeof value === 'string') return renderText(value, context);
  if (Array.isArray(value)) return value.map((member) => renderInside(member, context));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, renderInside(member, context)]),
  );
}
