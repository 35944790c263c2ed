/**
 * An Argo CD as `migrate look` would read it: workloads, Secrets and ConfigMaps as values, without a server.
 */
import { discover } from '../../../agent/argocd/discover.ts';
import type { Unreadable } from '../../../agent/migration/findings/access-problems.ts';
import { assemble, type Sight } from '../../../agent/migration/findings/assemble.ts';
import { readConfigMapObject, readSecretObject } from '../../../agent/migration/findings/collect.ts';
import type { MigrationFindings } from '../../../agent/model/migration-findings.ts';
import type { StoredConfigMap, StoredSecret } from '../../../agent/model/stored.ts';
import type { Workload } from '../../../agent/model/workload.ts';
import type { CertManagerCertificate } from '../../../agent/ports.ts';
import { install } from '../argocd/install.ts';
import { podsFor } from '../argocd/pods.ts';

export const AT = Date.UTC(2026, 10, 25);

/** What a cluster holds. */
export interface Start {
  readonly workloads?: readonly Workload[];
  readonly secrets?: readonly StoredSecret[];
  readonly configMaps?: readonly StoredConfigMap[];
  readonly certificates?: readonly CertManagerCertificate[];
  readonly certManager?: MigrationFindings['certManager'];
  readonly unreadable?: readonly Unreadable[];
  readonly searched?: readonly string[];
  readonly empty?: readonly string[];
}

export const sightOf = (start: Start): Sight => {
  const workloads = start.workloads ?? install();
  const params = (start.configMaps ?? []).find(({ name }) => name === 'argocd-cmd-params-cm')?.data ?? {};
  return {
    namespace: 'argocd',
    searched: start.searched ?? [],
    at: AT,
    discovery: discover(workloads, workloads.flatMap(podsFor), params, { workloads: {} }),
    params,
    objects: [
      ...(start.secrets ?? []).map(readSecretObject),
      ...(start.configMaps ?? []).map(readConfigMapObject),
    ],
    certificates: start.certificates ?? [],
    certManager: start.certManager ?? 'present',
    unreadable: start.unreadable ?? [],
    empty: start.empty ?? [],
  };
};

export const lookAt = (start: Start): MigrationFindings => assemble(sightOf(start));
