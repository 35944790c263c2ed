/**
 * What `migrate look` found, as an operator reads it: what belongs together below its root, the keys, the workloads, what has to be known.
 *
 * **Invariant:** the findings as they are, nothing judged anew; no key material, since there is none in them.
 */
import { type Fingerprint, short } from '../model/fingerprint.ts';
import {
  type FoundCertificate,
  type FoundComponent,
  type FoundFile,
  keyPlaceText,
  type MigrationFindings,
  objectPlaceText,
} from '../model/migration-findings.ts';
import { COLUMN, heading, painted, renderFindings } from './render-findings.ts';
import { entry, type Paint, painter, wrap } from './text.ts';

/** The whole text, with a final newline. At most 100 columns wide. */
export const renderLook = (
  found: MigrationFindings,
  options: { readonly colours?: boolean } = {},
): string => {
  const paint = painter(options.colours ?? false);
  const blocks = [
    [
      paint('bold', `Argo CD in namespace ${found.namespace}`),
      ...entry(
        'looked',
        `through ${found.searched.join(', ')} at ${found.at}; nothing was written`,
        2,
        COLUMN,
      ),
      ...entry('issuers', CERT_MANAGER[found.certManager], 2, COLUMN),
    ],
    renderCertificates(found, paint),
    renderKeys(found, paint),
    renderObjects(found, paint),
    renderComponents(found.components, paint),
    renderLeftAside(found, paint),
    renderFindings('To be known', found.problems, paint),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
};

const CERT_MANAGER: Readonly<Record<MigrationFindings['certManager'], string>> = {
  present: 'cert-manager is installed',
  absent: 'cert-manager is not installed',
  unknown: 'whether cert-manager is installed is not known',
};

const renderCertificates = (found: MigrationFindings, paint: Paint): readonly string[] => {
  if (found.certificates.length === 0) return [heading(paint, 'Certificates: none found')];
  const shown = new Set<Fingerprint>();
  const below = (parent: FoundCertificate, depth: number): readonly string[] => {
    if (shown.has(parent.fingerprint)) return [];
    shown.add(parent.fingerprint);
    return [
      ...renderCertificate(parent, depth, paint),
      ...found.certificates
        .filter(({ signedBy }) => signedBy.includes(parent.fingerprint))
        .flatMap((child) => below(child, depth + 1)),
    ];
  };
  const tops = [
    ...found.certificates.filter(({ class: kind }) => kind === 'root'),
    ...found.certificates.filter(({ signedBy }) => signedBy.length === 0),
    ...found.certificates,
  ];
  return [
    heading(paint, 'Certificates, each below what signed it'),
    ...tops.flatMap((certificate) => below(certificate, 0)),
  ];
};

const renderCertificate = (certificate: FoundCertificate, depth: number, paint: Paint): readonly string[] => {
  const { class: kind, subject, fingerprint, notAfter, key, keyPlaces, uses, names, remarks } = certificate;
  const indent = 2 + 2 * depth;
  const about = [
    `${subject || 'no subject'} (${short(fingerprint)})`,
    `until ${notAfter.slice(0, 10)}`,
    key,
    ...(kind === 'leaf' ? [`for ${uses.length === 0 ? 'neither side' : uses.join(' and ')}`] : []),
    ...(names.length === 0 ? [] : [`names ${names.join(' ')}`]),
  ].join(', ');
  return [
    ...painted(entry(kind, about, indent, COLUMN + 2), kind, 'cyan', paint),
    ...entry('', `at ${certificate.places.map(keyPlaceText).join(', ')}`, indent, COLUMN + 2),
    ...entry(
      '',
      keyPlaces.length === 0 ? 'its key was not found' : `key at ${keyPlaces.map(keyPlaceText).join(', ')}`,
      indent,
      COLUMN + 2,
    ),
    ...(remarks.length === 0
      ? []
      : wrap(remarks.join(', '), indent + COLUMN + 2).map((line) => paint('yellow', line))),
  ];
};

const renderKeys = ({ keys }: MigrationFindings, paint: Paint): readonly string[] => {
  const odd = keys.filter(({ state }) => state !== 'matched');
  return odd.length === 0
    ? []
    : [
        heading(paint, 'Keys without a certificate'),
        ...odd.flatMap(({ state, kind, places }) =>
          entry(state, `${kind} at ${places.map(keyPlaceText).join(', ')}`, 2, COLUMN),
        ),
      ];
};

const originText = ({ origin }: FoundFile): string => {
  switch (origin.from) {
    case 'secret':
      return `Secret ${origin.secret}, key ${origin.key}${origin.refresh === 'never' ? ' (by subPath)' : ''}`;
    case 'config-map':
      return `ConfigMap ${origin.configMap}, key ${origin.key}${origin.refresh === 'never' ? ' (by subPath)' : ''}`;
    case 'foreign':
      return `volume ${origin.volume} (${origin.kind})`;
    case 'not-projected':
      return `nowhere: the volume of Secret ${origin.secret} leaves it out`;
    case 'nowhere':
      return 'nowhere: nothing is mounted there';
  }
};

/** Who writes an object by its marks, else who ever wrote its data. */
const renderObjects = ({ objects }: MigrationFindings, paint: Paint): readonly string[] => {
  const holding = objects.filter(({ keys }) => keys.length > 0);
  return holding.length === 0
    ? []
    : [
        heading(paint, 'Objects that hold them'),
        ...holding.flatMap(({ place, owner, managers, mountedBy }) => [
          `  ${paint('cyan', objectPlaceText(place))}`,
          ...entry('written by', owner ?? (managers.join(', ') || 'nobody who left a mark'), 4, 12),
          ...entry('mounted by', mountedBy.join(', ') || 'none of the workloads', 4, 12),
        ]),
      ];
};

/** Column of what a file or mount is. */
const FILES = 21;

const bodyOf = ({ files, mounts, verifies, keptBy, mesh, restarters }: FoundComponent): readonly string[] => [
  ...files.flatMap((file) => entry(file.file, originText(file), 4, FILES)),
  ...(verifies === undefined ? [] : entry('verifies by', verifies, 4, FILES)),
  ...mounts
    .filter(({ custom }) => custom)
    .flatMap(({ volume, object, paths }) =>
      entry(
        'own volume',
        `${volume}: ${objectPlaceText(object)} at ${paths.join(', ') || 'nowhere'}`,
        4,
        FILES,
      ),
    ),
  ...(keptBy === undefined ? [] : entry('kept by', keptBy, 4, FILES)),
  ...mesh.flatMap(({ mesh: name, fact }) => entry('mesh', `${name} (${fact})`, 4, FILES)),
  ...restarters.flatMap(({ program, annotation }) =>
    entry('restarted by', `${program} (${annotation})`, 4, FILES),
  ),
];

/** Workloads of which the same is to be said stand together. */
const renderComponents = (components: readonly FoundComponent[], paint: Paint): readonly string[] => {
  const groups = new Map<string, { readonly body: readonly string[]; readonly names: string[] }>();
  for (const component of components) {
    const { workload, version } = component;
    const body = bodyOf(component);
    const group = groups.get(body.join('\n')) ?? { body, names: [] };
    group.names.push(
      `${component.component} (${workload.kind} ${workload.name}, ${version ?? 'version unknown'})`,
    );
    groups.set(body.join('\n'), group);
  }
  return groups.size === 0
    ? []
    : [
        heading(paint, 'Workloads, and where the files of mTLS come from'),
        ...[...groups.values()].flatMap(({ names, body }) => [
          ...names.map((name) => `  ${paint('cyan', name)}`),
          ...body,
        ]),
      ];
};

const renderLeftAside = ({ objects }: MigrationFindings, paint: Paint): readonly string[] => {
  const purposes = new Map<string, string[]>();
  for (const { place, otherPurpose } of objects) {
    if (otherPurpose === undefined) continue;
    purposes.set(otherPurpose, [...(purposes.get(otherPurpose) ?? []), objectPlaceText(place)]);
  }
  return purposes.size === 0
    ? []
    : [
        heading(paint, 'Left aside: not looked into, and never chosen from'),
        ...[...purposes].flatMap(([purpose, places]) =>
          wrap(
            `${purpose}: ${places.slice(0, 3).join(', ')}${places.length > 3 ? ` and ${places.length - 3} more` : ''}`,
            2,
          ),
        ),
      ];
};
