/**
 * What one option alone can't show: names that clash, options that need each other.
 *
 * **Invariant:** every check names the option to change, in a file that is otherwise valid or not.
 */
import { desiredSlot } from '../layout/places.ts';
import type { InstanceSettings } from '../model/settings.ts';
import { clientNameOf, pendingSecretOf, type RoleOfSource, sourceRoles } from '../model/source-role.ts';
import { CLIENT_COMPONENTS } from '../model/terms.ts';
import { formatDuration } from './duration.ts';
import { isGroup } from './merge.ts';
import { neverOpen } from './policy-checks.ts';
import { readObjects } from './read-objects.ts';

/** A problem before its line is known. */
export interface Clash {
  readonly path: readonly PropertyKey[];
  readonly found: string;
  readonly allowed: string;
}

/** Instances that share a name or a namespace. Works on what was read, so that it is told together with everything else. */
export const clashesBetween = (instances: readonly unknown[]): readonly Clash[] =>
  (['name', 'namespace'] as const).flatMap((option) => {
    const seen = new Map<string, number>();
    return instances.flatMap((instance, index): readonly Clash[] => {
      const value = isGroup(instance) ? instance[option] : undefined;
      if (typeof value !== 'string') return [];
      const first = seen.get(value);
      if (first === undefined) {
        seen.set(value, index);
        return [];
      }
      return [
        {
          path: ['instances', index, option],
          found: `the same ${option} as instances[${first}]`,
          allowed:
            option === 'name' ? 'a name of its own' : 'a namespace of its own: one instance a namespace',
        },
      ];
    });
  });

/** Options of one instance that don't go together. Paths are relative to the instance. */
export const clashesWithin = (settings: InstanceSettings): readonly Clash[] => [
  ...sameNames(settings),
  ...sameWorkloads(settings),
  ...(settings.timing.retry > settings.timing.retryMaximum
    ? [
        {
          path: ['retryMaximum'],
          found: formatDuration(settings.timing.retryMaximum),
          allowed: `at least retry, which is ${formatDuration(settings.timing.retry)}`,
        },
      ]
    : []),
  ...(settings.verification === 'on' && settings.serving === undefined
    ? [
        {
          path: ['verification'],
          found: '"on" without serving',
          allowed: 'on together with serving, whose CA the clients shall trust; or keep',
        },
      ]
    : []),
  ...sourceRoles(settings).flatMap(reissueWithoutCa),
  ...sourceRoles(settings).flatMap(reissueByLabels),
  ...sourceRoles(settings).flatMap(fieldsOfKeystore),
  ...sharedBySeveral(settings),
  ...sameKeys(settings),
  ...neverOpen(settings),
];

/** Where a source of that role stands in an instance. */
const placeOf = ({ role, spec }: RoleOfSource): readonly string[] => [
  ...(role === 'serving' ? ['serving'] : ['clients', role]),
  spec.type,
];

const reissueWithoutCa = (role: RoleOfSource): readonly Clash[] =>
  role.spec.type === 'certManager' && role.spec.reissue !== 'never' && role.spec.issuerCa === undefined
    ? [
        {
          path: [...placeOf(role), 'reissue'],
          found: `"${role.spec.reissue}" without issuerCa`,
          allowed: 'when-ca-replaced together with issuerCa, where a replaced CA is noticed; or never',
        },
      ]
    : [];

/** A write is granted by name, and by labels there is none. */
const reissueByLabels = (role: RoleOfSource): readonly Clash[] =>
  role.spec.type === 'certManager' && role.spec.reissue !== 'never' && role.spec.certificate === undefined
    ? [
        {
          path: [...placeOf(role), 'reissue'],
          found: `"${role.spec.reissue}" together with labels`,
          allowed: 'when-ca-replaced together with certificate, so that the Role can name it; or never',
        },
      ]
    : [];

/** A PKCS#12 has no fields to name: what is named would be ignored without a word. */
const fieldsOfKeystore = (role: RoleOfSource): readonly Clash[] =>
  'pkcs12' in role.spec &&
  role.spec.pkcs12 !== undefined &&
  Object.values(role.spec.fields).some((name) => name !== undefined)
    ? [
        {
          path: [...placeOf(role), 'fields'],
          found: 'fields together with pkcs12',
          allowed: 'fields for PEM, or pkcs12; the CA by ca',
        },
      ]
    : [];

/** Several certificates need places of their own. */
const sharedBySeveral = (settings: InstanceSettings): readonly Clash[] => {
  const own = Object.keys(settings.clients.byComponent);
  return settings.layout.type === 'shared' && own.length > 0
    ? [
        {
          path: ['layout', 'type'],
          found: `"shared" with a source of its own for ${own.join(', ')}`,
          allowed: 'keys or secrets, where clients have certificates of their own',
        },
      ]
    : [];
};

/** Layout `secrets`: each client's Secret. */
const componentSecretsOf = (settings: InstanceSettings): readonly Named[] =>
  settings.layout.type === 'secrets'
    ? CLIENT_COMPONENTS.map((component) => [
        ['layout', 'names', clientNameOf(component)],
        desiredSlot(component, settings).secret,
      ])
    : [];

/** Key names within one Secret: two with one name would overwrite one another. */
const sameKeys = (settings: InstanceSettings): readonly Clash[] => {
  const { keys } = settings.names;
  const own: readonly Named[] =
    settings.layout.type === 'keys'
      ? CLIENT_COMPONENTS.flatMap((component): readonly Named[] => {
          const { certificate, key } = desiredSlot(component, settings);
          const path = ['layout', 'keys', clientNameOf(component)];
          return [
            [path, certificate],
            [path, key],
          ];
        })
      : [];
  const all: readonly Named[] = [
    [['names', 'keys', 'clientCa'], keys.clientCa],
    [['names', 'keys', 'clientCertificate'], keys.clientCertificate],
    [['names', 'keys', 'clientKey'], keys.clientKey],
    [['names', 'keys', 'serverCa'], keys.serverCa],
    ...own,
  ];
  return all.flatMap((one, index) => sameAs(one, all.slice(0, index)));
};

type Named = readonly [path: readonly string[], name: string | undefined];

/** Each object has one purpose: two options with one name would overwrite, or erase, one another. */
const sameNames = (settings: InstanceSettings): readonly Clash[] => {
  const { names } = settings;
  const secrets: readonly Named[] = [
    [['names', 'mtlsSecret'], names.mtlsSecret],
    ...componentSecretsOf(settings),
    [['names', 'servingSecret'], names.servingSecret],
    [['names', 'previousSecret'], names.previousSecret],
    ...sourceRoles(settings)
      .filter(({ spec }) => spec.type === 'vaultPki')
      .map(({ role }): Named => [['names', 'pendingSecret'], pendingSecretOf(settings, role)]),
  ];
  const configMaps: readonly Named[] = [
    [['names', 'paramsConfigMap'], names.paramsConfigMap],
    [['names', 'journalConfigMap'], names.journalConfigMap],
    [['names', 'ordersConfigMap'], names.ordersConfigMap],
  ];
  /** Read only, and one object may well serve several sources; but never one that is written. */
  const read = (wanted: 'Secret' | 'ConfigMap'): readonly Named[] =>
    sourceRoles(settings).flatMap((role) =>
      readObjects(role.spec)
        .filter(({ kind }) => kind === wanted)
        .map(({ name, option }): Named => [[...placeOf(role), ...option], name]),
    );
  return [
    ...secrets.flatMap((one, index) => sameAs(one, secrets.slice(0, index))),
    ...configMaps.flatMap((one, index) => sameAs(one, configMaps.slice(0, index))),
    ...read('Secret').flatMap((one) => sameAs(one, secrets)),
    ...read('ConfigMap').flatMap((one) => sameAs(one, configMaps)),
  ];
};

const sameAs = ([path, name]: Named, others: readonly Named[]): readonly Clash[] => {
  const first = others.find(([, other]) => name !== undefined && other === name);
  return first === undefined
    ? []
    : [{ path, found: `the same name as ${first[0].join('.')}`, allowed: 'a name of its own' }];
};

const sameWorkloads = ({ names }: InstanceSettings): readonly Clash[] => {
  const seen = new Map<string, string>();
  return Object.entries(names.workloads).flatMap(([component, workload]): readonly Clash[] => {
    const first = seen.get(workload);
    seen.set(workload, component);
    return first === undefined
      ? []
      : [
          {
            path: ['names', 'workloads', component],
            found: `the same workload as ${first}`,
            allowed: 'a workload of its own for each component',
          },
        ];
  });
};
