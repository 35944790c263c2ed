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

/** Beside the pair where it stands there, else in this namespace, else in what is made of it. */
const caOf = (root: FoundCertificate, { object }: KeptPair, namespace: string): KeyPlace => {
  const text = objectPlaceText(object.place);
  return (
    root.places.find((place) => objectPlaceText(place) === text) ??
    root.places.find((place) => place.namespace === namespace) ?? {
      kind: 'Secret',
      namespace,
      name: CA_NAME,
      key: 'ca.crt',
    }
  );
};

/** Whether the root's certificate has to be copied for the agent to read it. */
export const isCaApart = (root: FoundCertificate, namespace: string): boolean =>
  !root.places.some((place) => place.namespace === namespace);

const referenceTo = ({ kind, name, key }: KeyPlace): PlainObject => ({
  [kind === 'Secret' ? 'secret' : 'configMap']: name,
  key,
});

/** Where the CA stands beside the pair it is one of the fields; else it is referred to. */
const placeOptions = (pair: KeptPair, ca: KeyPlace): PlainObject => {
  const beside = objectPlaceText(pair.object.place) === objectPlaceText(ca) ? ca : undefined;
  return {
    fields: {
      certificate: pair.certificateFrom.key,
      key: pair.keyFrom.key,
      ...(beside !== undefined && { ca: beside.key }),
    },
    ...(beside === undefined && { ca: referenceTo(ca) }),
  };
};

/** The source that fits whoever writes the pair, so that its renewals go on. */
const keptSource = (pair: KeptPair, findings: MigrationFindings, ca: KeyPlace): PlainObject => {
  const { place, ownerReferences } = pair.object;
  const options = placeOptions(pair, ca);
  const isUsual = objectPlaceText(place) === objectPlaceText(ca) && ca.key === 'ca.crt';
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
        ...(!isUsual && { ca: referenceTo(ca) }),
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
  const source = (pair: KeptPair): PlainObject =>
    keptSource(pair, findings, caOf(root, pair, findings.namespace));
  switch (way.kept) {
    case 'issuer':
      return {
        clients: { default: { certManager: { certificate: CLIENT_NAME } } },
        ...(serving.kind === 'issued' && { serving: { certManager: { certificate: SERVING_NAME } } }),
      };
    case 'vault':
      return {
        clients: { default: vaultSource(way.vault, 'client') },
        ...(serving.kind === 'issued' && { serving: vaultSource(way.vault, 'serving') }),
      };
    case 'trust-only':
      return {
        clients: {
          default: source(way.pairs.default),
          ...Object.fromEntries(
            way.pairs.others.map(({ component, pair }) => [clientNameOf(component), source(pair)]),
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
        ...(targets.serving.kind === 'kept' && {
          serving: keptSource(targets.serving.pair, findings, targets.serving.ca),
        }),
      },
    ],
  };
};
