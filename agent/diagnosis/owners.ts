/**
 * Controllers that write Secrets, by the marks they leave on them.
 *
 * A mark is an annotation, a label or an owner reference that its controller sets again with each write: as long as it is there, the
 * controller may be. managedFields alone are history; they are a matter of adoption (`checks/foreign-fields.ts`).
 */
import type { StoredObject } from '../model/stored.ts';

export interface ForeignOwner {
  /** For people: `cert-manager (Certificate repo-tls)`. */
  readonly owner: string;
  /** The change that frees the object, as a sentence. `{free}` is a name that is not in use. */
  readonly freeBy: string;
  /** The mark itself, to be taken off afterwards: annotation or label name; `undefined` for owner references. */
  readonly mark: { readonly kind: 'annotation' | 'label'; readonly name: string } | undefined;
}

/** What of an object tells who writes it. */
export type Marked = Pick<StoredObject, 'name' | 'annotations' | 'labels' | 'ownerReferences'>;

type Recogniser = (stored: Marked) => ForeignOwner | undefined;

const annotation = (name: string) => ({ kind: 'annotation' as const, name });
const label = (name: string) => ({ kind: 'label' as const, name });

/** cert-manager.io/certificate-name (cert-manager v1.21, pkg/controller/certificates/issuing/internal/secret.go). */
const certManager: Recogniser = ({ annotations, name }) => {
  const certificate = annotations['cert-manager.io/certificate-name'];
  return certificate === undefined
    ? undefined
    : {
        owner: `cert-manager (Certificate ${certificate})`,
        freeBy: `set spec.secretName of Certificate ${certificate} to ${name}-source and name that Certificate as a source in the configuration`,
        mark: annotation('cert-manager.io/certificate-name'),
      };
};

/** reconcile.external-secrets.io (external-secrets, apis/externalsecrets, reconcile labels and annotations). */
const externalSecrets: Recogniser = ({ annotations, labels, name, ownerReferences }) => {
  const reference = ownerReferences.find(({ kind }) => kind === 'ExternalSecret');
  const managed = labels['reconcile.external-secrets.io/managed'] === 'true';
  if (
    reference === undefined &&
    !managed &&
    annotations['reconcile.external-secrets.io/data-hash'] === undefined
  ) {
    return undefined;
  }
  return {
    owner: `External Secrets (ExternalSecret ${reference?.name ?? 'unknown'})`,
    freeBy: `set spec.target.creationPolicy of that ExternalSecret to Orphan, then its spec.target.name to ${name}-source`,
    mark: managed
      ? label('reconcile.external-secrets.io/managed')
      : annotation('reconcile.external-secrets.io/data-hash'),
  };
};

const vaultSecrets: Recogniser = ({ ownerReferences, labels, name }) => {
  const reference = ownerReferences.find(({ kind }) => /^Vault(?:PKI|Static|Dynamic)Secret$/.test(kind));
  if (reference === undefined && labels['app.kubernetes.io/managed-by'] !== 'hashicorp-vso') return undefined;
  return {
    owner: `Vault Secrets Operator (${reference === undefined ? 'unknown resource' : `${reference.kind} ${reference.name}`})`,
    freeBy: `set spec.destination.name of that resource to ${name}-source`,
    mark:
      labels['app.kubernetes.io/managed-by'] === 'hashicorp-vso'
        ? label('app.kubernetes.io/managed-by')
        : undefined,
  };
};

/** Argo CD's own tracking: the object comes from Git and is put back by a sync. */
const gitops: Recogniser = ({ annotations }) => {
  const tracking = annotations['argocd.argoproj.io/tracking-id'];
  return tracking === undefined
    ? undefined
    : {
        owner: `Argo CD (Application ${tracking.split(':', 1)[0]})`,
        freeBy:
          'take it out of what that Application syncs, with prune off for it (argocd.argoproj.io/sync-options: Prune=false)',
        mark: annotation('argocd.argoproj.io/tracking-id'),
      };
};

const flux: Recogniser = ({ labels }) => {
  const name = labels['kustomize.toolkit.fluxcd.io/name'] ?? labels['helm.toolkit.fluxcd.io/name'];
  return name === undefined
    ? undefined
    : {
        owner: `Flux (${name})`,
        freeBy: 'take it out of what Flux applies, annotated kustomize.toolkit.fluxcd.io/prune: disabled',
        mark: label(
          labels['kustomize.toolkit.fluxcd.io/name'] === undefined
            ? 'helm.toolkit.fluxcd.io/name'
            : 'kustomize.toolkit.fluxcd.io/name',
        ),
      };
};

const helm: Recogniser = ({ annotations }) => {
  const release = annotations['meta.helm.sh/release-name'];
  return release === undefined
    ? undefined
    : {
        owner: `Helm (release ${release})`,
        freeBy:
          'annotate it helm.sh/resource-policy: keep and take it out of the chart with the next upgrade',
        mark: annotation('meta.helm.sh/release-name'),
      };
};

/** Any other controller that holds it by owner reference: SealedSecret, an operator's own kind, … */
const ownerReference: Recogniser = ({ ownerReferences }) => {
  const [first] = ownerReferences;
  return first === undefined
    ? undefined
    : {
        owner: `${first.kind} ${first.name}`,
        freeBy: `make ${first.kind} ${first.name} write another Secret, then take its owner reference off this one`,
        mark: undefined,
      };
};

const RECOGNISERS: readonly Recogniser[] = [
  certManager,
  externalSecrets,
  vaultSecrets,
  gitops,
  flux,
  helm,
  ownerReference,
];

/** Who else writes this object, by the first mark found; `undefined` where nobody shows. */
export function foreignOwner(stored: Marked): ForeignOwner | undefined {
  for (const recognise of RECOGNISERS) {
    const found = recognise(stored);
    if (found !== undefined) return found;
  }
  return undefined;
}
