/**
 * The option list as JSON Schema, and what it allows at one place.
 *
 * **Invariant:** made from the option list only; there is no second description of an option.
 */
import { z } from 'zod';
import { DocumentOptions } from './options.ts';
import { SidecarOptions } from './sidecar-options.ts';

/** The part of JSON Schema that zod makes from the option list. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  /** Ours: the allowed values in words. Left out of the published schema. */
  readonly allowed?: string;
  /** Ours: groups with the same word are described once, together. Left out of the published schema. */
  readonly same?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode | false;
  readonly propertyNames?: SchemaNode;
}

/** The schema with our own words in it. */
export const describedSchema = (): SchemaNode =>
  z.toJSONSchema(DocumentOptions, { io: 'input' }) as SchemaNode;

/** The same of a sidecar's options. */
export const describedSidecarSchema = (): SchemaNode =>
  z.toJSONSchema(SidecarOptions, { io: 'input' }) as SchemaNode;

/** The schema as published: plain JSON Schema 2020-12. */
export const publishedSchema = (): string => {
  const schema = z.toJSONSchema(DocumentOptions, {
    io: 'input',
    override: ({ jsonSchema }) => {
      delete jsonSchema.allowed;
      delete jsonSchema.same;
    },
  });
  return `${compactLists(JSON.stringify({ title: 'RotatorConfig', ...schema }, undefined, 2))}\n`;
};

/** Width of a line, as the formatter has it. */
const WIDTH = 110;

/** Lists of text on one line where they fit, as the formatter writes them. */
const compactLists = (json: string): string =>
  json.replaceAll(/^(.*)\[\n((?: *"[^"]*",?\n)+) *\]/gm, (whole, before: string, inner: string) => {
    const line = `${before}[${inner.trim().replaceAll(/\n */g, ' ')}]`;
    return line.length < WIDTH ? line : whole;
  });

/** The schema node that a path leads to; `undefined` where no option is. */
export const nodeAt = (root: SchemaNode, path: readonly PropertyKey[]): SchemaNode | undefined =>
  path.reduce<SchemaNode | undefined>((node, part) => {
    if (node === undefined) return undefined;
    if (typeof part === 'number') return node.items;
    const named = Object.hasOwn(node.properties ?? {}, part) ? node.properties?.[String(part)] : undefined;
    return named ?? (typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined);
  }, root);

const quoted = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** What may stand at a node, in words. */
export const allowedAt = (node: SchemaNode | undefined): string => {
  if (node === undefined) return 'nothing';
  if (node.const !== undefined) return quoted(node.const);
  if (node.enum !== undefined) return node.enum.map(quoted).join(', ');
  if (node.allowed !== undefined) return node.allowed;
  if (node.properties !== undefined) return `a group of ${keysOf(node)}`;
  if (node.type === 'array') return 'a list';
  return node.type === 'string' ? 'text' : (node.type ?? 'anything');
};

/** The keys that a group may have. */
export const keysOf = (node: SchemaNode | undefined): string => {
  if (node?.properties !== undefined) return Object.keys(node.properties).join(', ');
  return node?.allowed ?? 'nothing';
};
