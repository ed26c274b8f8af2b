import { Template } from '@huggingface/jinja';
import type { z } from 'zod';
import { messageOf } from '../message-of.js';

/** What a template may name: the row, and (for metrics) the model's answer to it; rows without a model stand bare too. */
export interface TemplateContext {
  item: unknown;
  sample?: { output_text: string | null; response: unknown };
  [name: string]: unknown;
}

/** A string, or the strings inside a value, that a template engine can read. */
export const Templated = <T extends z.ZodType>(schema: T) =>
  schema.superRefine((value, context) => {
    for (const { path, source } of sourcesIn(value)) {
      const message = faultOf(source);
      if (message !== null) context.addIssue({ code: 'custom', path, message });
    }
  });

type Source = { path: (string | number)[]; source: string };

function sourcesIn(value: unknown, path: Source['path'] = []): Source[] {
  if (typeof value === 'string') return [{ path, source: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    sourcesIn(member, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

/** What is wrong with a template, whatever it is to be rendered with; null when nothing is. */
function faultOf(source: string): string | null {
  try {
    compile(source);
    return null;
  } catch (error) {
    return `is not a Jinja template: ${messageOf(error)}`;
  }
}

const compiled = new Map<string, Template>();
const MAX_COMPILED = 500;

/** Renders one Jinja template to text. */
export function renderText(source: string, context: TemplateContext): string {
  return source.includes('{') ? compile(source).render({ ...context }) : source;
}

function compile(source: string): Template {
  if (compiled.size > MAX_COMPILED) compiled.clear();
  const template = compiled.get(source) ?? new Template(source);
  compiled.set(source, template);
  return template;
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
