/**
 * CONFIGURATION.md, made from the option list.
 *
 * **Invariant:** nothing in it is written by hand but this frame; `npm run generate` refreshes it.
 */
import { DURATION_ALLOWED } from './duration.ts';
import { allowedAt, describedSchema, describedSidecarSchema, type SchemaNode } from './schema.ts';

const FRAME = `# Configuration

<!-- Generated from agent/config/options.ts by \`npm run generate\`. Do not edit. -->

One YAML file, given with \`--config\` (in the cluster: a mounted ConfigMap). A change is taken over without a restart; a change that is not valid
is refused as a whole, told, and the configuration before it stays in effect. All problems are told at once, each with its place, what was found
and what is allowed. An option that is not listed here is an error.

The JSON schema is [manifests/config.schema.json](manifests/config.schema.json); an editor uses it with
\`# yaml-language-server: $schema=<path of config.schema.json>\` as the first line of the file.

## Example

\`\`\`yaml
apiVersion: mtls-rotator/v1alpha1
kind: RotatorConfig
defaults: { propagationWait: 3m }
instances:
  - name: payments
    namespace: argocd-payments
    mode: manage
    labels: { team: payments }
    layout: { type: shared }
    clients: { default: { certManager: { certificate: repo-client } } }
    serving: { certManager: { certificate: repo-serving } }
\`\`\`

Durations are written with their unit: \`500ms\`, \`90s\`, \`3m\`, \`1h30m\`, \`1d\`.
`;

const SIDECAR = `
## A sidecar

A file of its own, given with \`mtls-rotator sidecar --config\`: see [docs/sidecar.md](docs/sidecar.md). It is read once, at start.

\`\`\`yaml
apiVersion: mtls-rotator/v1alpha1
kind: SidecarConfig
component: server
sources: { client: { directory: /certificates/client } }
\`\`\`
`;

/** The whole file. */
export const configurationReference = (): string => {
  const schema = describedSchema();
  const instance = schema.properties?.instances?.items;
  const top = without(schema, ['defaults', 'instances']);
  return [
    FRAME,
    '## The file\n',
    table(top),
    `| \`defaults\` | | | Options for every instance that does not set them itself: any of the options below but ${notShared(schema)}. Groups are merged option by option. |`,
    '| `instances` | a list of 1 to 200 instances | **required** | The Argo CD installations to look after. |',
    '\n## An instance (`instances[]`)\n',
    table(instance ?? {}),
    '\n## A source\n',
    'Where a certificate and the CAs that vouch for it come from. Exactly one kind is given.\n',
    table(instance?.properties?.clients?.properties?.default ?? {}),
    SIDECAR,
    table(describedSidecarSchema()),
    '',
  ].join('\n');
};

const without = (node: SchemaNode, keys: readonly string[]): SchemaNode => ({
  ...node,
  properties: Object.fromEntries(
    Object.entries(node.properties ?? {}).filter(([key]) => !keys.includes(key)),
  ),
});

const notShared = (schema: SchemaNode): string => {
  const shared = schema.properties?.defaults?.properties ?? {};
  const all = schema.properties?.instances?.items?.properties ?? {};
  return Object.keys(all)
    .filter((key) => !(key in shared))
    .map((key) => `\`${key}\``)
    .join(', ');
};

const table = (node: SchemaNode): string =>
  ['| option | allowed | default | meaning |', '|---|---|---|---|', ...rows(node, '')].join('\n');

const rows = (node: SchemaNode, prefix: string): readonly string[] =>
  Object.entries(node.properties ?? {}).flatMap(([key, option]) => {
    const name = `${prefix}${key}`;
    const required = node.required?.includes(key) === true;
    const named = option.additionalProperties;
    if (typeof named === 'object' && named.properties !== undefined) {
      return [row(name, 'groups by name', '', option.description ?? ''), ...rows(named, `${name}.<name>.`)];
    }
    if (option.same !== undefined) {
      const link = `[a ${option.same}](#a-${option.same})`;
      return [row(name, link, required ? '**required**' : '', option.description ?? '')];
    }
    if (option.items?.properties !== undefined) {
      return [
        row(name, allowedAt(option), required ? '**required**' : '', option.description ?? ''),
        ...rows(option.items, `${name}[].`),
      ];
    }
    if (option.properties !== undefined) {
      return [
        row(name, 'a group', required ? '**required**' : '', option.description ?? ''),
        ...rows(option, `${name}.`),
      ];
    }
    return [
      row(
        name,
        allowedAt(option),
        required ? '**required**' : shown(option.default),
        option.description ?? '',
      ),
    ];
  });

const row = (name: string, allowed: string, fallback: string, meaning: string): string =>
  `| \`${name}\` | ${cell(allowed)} | ${fallback} | ${cell(meaning)} |`;

const cell = (text: string): string => text.replace(DURATION_ALLOWED, 'a duration').replaceAll('|', '\\|');

const shown = (value: unknown): string => {
  if (value === undefined) return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
};
