/**
 * A sidecar's configuration: text to settings, or everything that is wrong with it at once.
 *
 * **Invariant:** pure; settings come out only where there is no problem at all.
 */
import type { PairDirectory, SidecarSettings } from '../model/sidecar-settings.ts';
import type { Clash } from './checks.ts';
import { readDocument } from './document.ts';
import { clashesOf } from './issues.ts';
import { ConfigError, type ConfigProblem, problemsOf } from './problem.ts';
import { describedSidecarSchema } from './schema.ts';
import { SidecarOptions, type SidecarValues } from './sidecar-options.ts';
import { textOf } from './text-of.ts';

export type ParsedSidecar =
  | { readonly ok: true; readonly settings: SidecarSettings }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

const SCHEMA = describedSidecarSchema();

/** Never throws, whatever the text is. */
export const parseSidecarConfig = (text: string): ParsedSidecar => {
  const document = readDocument(text);
  if (!('value' in document)) return { ok: false, problems: document };
  const { value, lineOf } = document;
  const read = SidecarOptions.safeParse(value);
  const clashes = read.success
    ? [...sourcesThatClash(read.data), ...directoriesThatClash(read.data), ...waysThatClash(read.data)]
    : read.error.issues.flatMap((issue) => clashesOf(SCHEMA, issue, value));
  return read.success && clashes.length === 0
    ? { ok: true, settings: settingsOf(read.data) }
    : { ok: false, problems: problemsOf(clashes, lineOf) };
};

/**
 * Reads a sidecar's configuration from its file.
 *
 * @throws ConfigError with every problem, or where the file can't be read
 */
export const loadSidecarConfig = async (file: string): Promise<SidecarSettings> => {
  const parsed = parseSidecarConfig(await textOf(file));
  if (!parsed.ok) throw new ConfigError(file, parsed.problems);
  return parsed.settings;
};

const OF_REPO_SERVER = ['clientCa', 'serving'] as const;
const OF_CLIENTS = ['client', 'serverCa'] as const;

const sourcesThatClash = ({ component, sources }: SidecarValues): readonly Clash[] => {
  const [own, foreign] =
    component === 'repo-server' ? [OF_REPO_SERVER, OF_CLIENTS] : [OF_CLIENTS, OF_REPO_SERVER];
  const allowed = `for ${component}: ${own.join(', ')}`;
  return [
    ...foreign
      .filter((role) => sources[role] !== undefined)
      .map((role) => ({
        path: ['sources', role],
        found: `a source that ${component} has no use for`,
        allowed,
      })),
    ...(own.every((role) => sources[role] === undefined)
      ? [{ path: ['sources'], found: 'no source', allowed: `at least one, ${allowed}` }]
      : []),
  ];
};

/** True where one of the directories is the other, or lies in it. */
const overlap = (a: string, b: string): boolean => {
  const [one, other] = [`${a.replace(/\/+$/, '')}/`, `${b.replace(/\/+$/, '')}/`];
  return one.startsWith(other) || other.startsWith(one);
};

/** What is written must not be read again as a source, nor two directories be one. */
const directoriesThatClash = ({ sources, output, component }: SidecarValues): readonly Clash[] => {
  const written = [
    ...(sources.clientCa !== undefined || component !== 'repo-server'
      ? [{ path: ['output', 'mtls'], directory: output.mtls }]
      : []),
    ...(sources.serving === undefined ? [] : [{ path: ['output', 'serving'], directory: output.serving }]),
  ];
  const read = [
    ...(sources.clientCa ?? []),
    ...[sources.serving, sources.client, sources.serverCa].filter((one) => one !== undefined),
  ].map(({ directory }) => directory);
  return written.flatMap(({ path, directory }, index) => [
    ...(read.some((source) => overlap(source, directory))
      ? [{ path, found: 'a directory that a source is read from', allowed: 'a directory of its own' }]
      : []),
    ...(written.slice(0, index).some((other) => overlap(other.directory, directory))
      ? [{ path, found: 'the directory of other files', allowed: 'a directory of its own' }]
      : []),
  ]);
};

const waysThatClash = ({ api, restart }: SidecarValues): readonly Clash[] =>
  api === 'none' && restart !== 'never'
    ? [{ path: ['restart'], found: `${restart} without the API`, allowed: 'never, where api is none' }]
    : [];

const pairOf = (pair: SidecarValues['sources']['client']): PairDirectory | undefined =>
  pair === undefined
    ? undefined
    : { directory: pair.directory, certificate: pair.certificate, key: pair.key, ca: pair.ca };

const settingsOf = (values: SidecarValues): SidecarSettings => ({
  instance: values.instance,
  labels: values.labels,
  component: values.component,
  sources: {
    clientCa: values.sources.clientCa ?? [],
    serving: pairOf(values.sources.serving),
    client: pairOf(values.sources.client),
    serverCa: values.sources.serverCa,
  },
  output: values.output,
  files: {
    mode: Number.parseInt(values.files.mode, 8),
    owner: values.files.owner,
    group: values.files.group,
  },
  dialledNames: values.dialledNames,
  api: values.api,
  restart: values.restart,
  names: values.names,
  timing: {
    startWait: values.startWait,
    settle: values.settle,
    poll: values.poll,
    turnDeadline: values.turnDeadline,
  },
  http: values.http,
});
