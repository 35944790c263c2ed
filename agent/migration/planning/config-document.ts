/**
 * The agent's configuration for the instance, as `migrate plan` writes it.
 *
 * **Invariant:** says what differs from a default and nothing else, so that people can read it.
 */
import type { PlainObject } from '../../model/migration.ts';
import {
  type FoundCertificate,
  type KeyPlace,
  type MigrationFindings,
  objectPlaceText,
} from '../../model/migration-findings.ts';
import { CONFIG_API_VERSION, CONFIG_KIND } from '../../model/product.ts';
import { clientNameOf } from '../../model/source-role.ts';
import type { VaultChoice } from './choice.ts';
import type { KeptPair } from './kept-pairs.ts';
import { CA_NAME, CLIENT_NAME, SERVING_NAME } from './objects.ts';
import { namesBesideUsual, type Targets } from './targets.ts';
import type { Way } from './way.ts';

/** Name of the Vault in the configuration. */
const CONNECTION = 'vault';

const caReference = (root: FoundCertificate, namespace: string): KeyPlace => {
  const here = root.places.find((place) => place.namespace === namespace);
  return here ?? { kind: 'Secret', namespace, name: CA_NAME, key: 'ca.crt' };
};

/** Whether the root's certificate has to be copied for the agent to read it. */
export const isCaApart = (root: FoundCertificate, namespace: string): boolean =>
  !root.places.some((place) => place.namespace === namespace);

/** Where the root stands beside the pair it is one of the fields; else it is referred to. */
const placeOptions = (pair: KeptPair, root: FoundCertificate, namespace: string): PlainObject => {
  const text = objectPlaceText(pair.object.place);
  const beside = root.places.find((place) => objectPlaceText(place) === text);
  const ca = caReference(root, namespace);
  return {
    fields: {
      certificate: pair.certificateFrom.key,
      key: pair.keyFrom.key,
      ...(beside !== undefined && { ca: beside.key }),
    },
    ...(beside === undefined && {
      ca: { [ca.kind === 'Secret' ? 'secret' : 'configMap']: ca.name, key: ca.key },
    }),
  };
};

/** The source that fits whoever writes the pair, so that its renewals go on. */
const keptSource = (pair: KeptPair, findings: MigrationFindings, root: FoundCertificate): PlainObject => {
  const { place, ownerReferences } = pair.object;
  const options = placeOptions(pair, root, findings.namespace);
  if (place.kind === 'ConfigMap') return { configMap: { name: place.name, ...options } };
  const external = ownerReferences.find(({ kind }) => kind === 'ExternalSecret');
  if (external !== undefined)
    return {
      externalSecret: {
        name: external.name,
        ...(external.name !== place.name && { target: place.name }),
        ...options,
      },
    };
  const issued = findings.issuances.find(({ secretName }) => secretName === place.name);
  if (issued !== undefined)
    return {
      certManager: {
        certificate: issued.certificate,
        ...(issued.certificate !== place.name && { secret: place.name }),
      },
    };
  return { secret: { name: place.name, ...options } };
};

const vaultSource = ({ mount, role }: VaultChoice, purpose: 'client' | 'serving'): PlainObject => ({
  vaultPki: { connection: CONNECTION, mount, role: `${role}-${purpose}` },
});

const sourcesOf = (
  way: Way,
  findings: MigrationFindings,
  root: FoundCertificate,
  { serving }: Targets,
): PlainObject => {
  switch (way.kept) {
    case 'issuer':
      return {
        clients: { default: { certManager: { certificate: CLIENT_NAME } } },
        ...(serving === 'issued' && { serving: { certManager: { certificate: SERVING_NAME } } }),
      };
    case 'vault':
      return {
        clients: { default: vaultSource(way.vault, 'client') },
        ...(serving === 'issued' && { serving: vaultSource(way.vault, 'serving') }),
      };
    case 'trust-only':
      return {
        clients: {
          default: keptSource(way.pairs.default, findings, root),
          ...Object.fromEntries(
            way.pairs.others.map(({ component, pair }) => [
              clientNameOf(component),
              keptSource(pair, findings, root),
            ]),
          ),
        },
      };
  }
};

const connections = ({ address, authMount, authRole, caFile }: VaultChoice): PlainObject => ({
  [CONNECTION]: {
    vault: {
      address,
      ...(caFile !== undefined && { caFile }),
      auth: { kubernetes: { ...(authMount !== 'kubernetes' && { mount: authMount }), role: authRole } },
    },
  },
});

/** Workloads that are not called as upstream's are. */
const workloadNames = ({ components }: MigrationFindings): Readonly<Record<string, string>> =>
  Object.fromEntries(
    components
      .filter(({ component, workload }) => workload.name !== `argocd-${component}`)
      .map(({ component, workload }) => [component, workload.name]),
  );

export const configDocument = (
  name: string,
  findings: MigrationFindings,
  root: FoundCertificate,
  way: Way,
  targets: Targets,
): PlainObject => {
  const workloads = workloadNames(findings);
  const names = {
    ...namesBesideUsual(targets),
    ...(Object.keys(workloads).length > 0 && { workloads }),
  };
  return {
    apiVersion: CONFIG_API_VERSION,
    kind: CONFIG_KIND,
    ...(way.kept === 'vault' && { connections: connections(way.vault) }),
    instances: [
      {
        name,
        namespace: findings.namespace,
        mode: 'manage',
        ...(targets.layout.type !== 'shared' && { layout: { type: targets.layout.type } }),
        ...(Object.keys(names).length > 0 && { names }),
        ...sourcesOf(way, findings, root, targets),
      },
    ],
  };
};
