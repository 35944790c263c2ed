/**
 * The one Certificate that is meant: by its name, or by labels that only it carries.
 *
 * **Invariant:** of several that fit none is chosen.
 */
import type { CertManagerSpec } from '../../agent/model/settings.ts';
import type { CertManagerCertificate, Cluster } from '../../agent/ports.ts';

export type FoundCertificate =
  | { readonly certificate: CertManagerCertificate }
  | { readonly why: string; readonly next: string };

export const labelText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');

/** What is asked for, as it stands in a Role: a name, or all of them. */
export const askedName = ({ certificate }: CertManagerSpec): string => certificate ?? '*';

/** `argocd/repo-client`, `argocd/app=repo`. */
export const meant = (namespace: string, { certificate, labels = {} }: CertManagerSpec): string =>
  `${namespace}/${certificate ?? labelText(labels)}`;

/** @throws ApiError */
export const findCertificate = async (
  cluster: Cluster,
  namespace: string,
  spec: CertManagerSpec,
): Promise<FoundCertificate> => {
  if (spec.certificate !== undefined) {
    const certificate = await cluster.readCertificate(namespace, spec.certificate);
    return certificate === undefined
      ? {
          why: `There is no Certificate ${namespace}/${spec.certificate}.`,
          next: 'Create it, or correct `certManager.certificate` in the configuration; is cert-manager installed?',
        }
      : { certificate };
  }
  const labels = spec.labels ?? {};
  const [first, ...others] = await cluster.listCertificates(namespace, labels);
  if (first === undefined)
    return {
      why: `No Certificate in ${namespace} carries ${labelText(labels)}.`,
      next: 'Label it so, or correct `certManager.labels` in the configuration.',
    };
  if (others.length > 0)
    return {
      why: `${others.length + 1} Certificates in ${namespace} carry ${labelText(labels)}: ${[first, ...others]
        .map(({ name }) => name)
        .toSorted()
        .join(', ')}. Exactly one has to.`,
      next: 'Add a label that only one of them carries to `certManager.labels`, or name it by `certManager.certificate`.',
    };
  return { certificate: first };
};
