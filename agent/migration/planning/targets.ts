/**
 * The Secrets that are filled beside those that are there, and what of the workloads has to change for them.
 *
 * **Invariant:** a name that somebody else's object has is never taken.
 */
import { FILE_KEYS } from '../../layout/files.ts';
import type { LayoutSettings } from '../../layout/places.ts';
import type { StoredObject } from '../../model/stored.ts';
import type { Sight } from '../findings/assemble.ts';
import { ours } from '../findings/purpose.ts';
import { blocked, blocking, type Decision, decided, NOTHING_DONE } from './blocked.ts';
import type { ServingPlan } from './serving.ts';
import type { Way } from './way.ts';

/** What Argo CD's own manifests mount (argo-cd v3.6.1, manifests/base). */
const USUAL = { mtlsSecret: 'argocd-repo-server-mtls', servingSecret: 'argocd-repo-server-tls' } as const;

const PARAMS = 'argocd-cmd-params-cm';

export interface Targets {
  readonly layout: LayoutSettings['layout'];
  readonly names: LayoutSettings['names'] & {
    readonly servingSecret: string;
    readonly paramsConfigMap: string;
  };
  readonly serving: ServingPlan;
}

const secretNamed = ({ objects, namespace }: Sight, name: string): StoredObject | undefined =>
  objects.find(
    ({ kind, stored }) => kind === 'Secret' && stored.namespace === namespace && stored.name === name,
  )?.stored;

const isTaken = (sight: Sight, name: string): boolean => {
  const found = secretNamed(sight, name);
  return found !== undefined && ours(found) === undefined;
};

const free = (sight: Sight, name: string): string => (isTaken(sight, name) ? `${name}-rotator` : name);

/** Before 3.5 nothing shows which Secret is mounted after the upgrade but upstream's manifests: it has to be that one. */
export const chooseTargets = (
  sight: Sight,
  way: Way,
  serving: ServingPlan,
  version: 'old' | 'present',
): Decision<Targets> => {
  const { mtlsSecret, servingSecret } = USUAL;
  if (version === 'old' && isTaken(sight, mtlsSecret))
    return blocked(
      blocking('name-taken', `Secret ${sight.namespace}/${mtlsSecret}`, {
        what: 'It was made by somebody else, and Argo CD will mount it after the upgrade to 3.5.',
        effect: `With client-ca.crt in it, repo-server would require certificates from its first start on. ${NOTHING_DONE}`,
        next: `Nothing mounts it now: keep a copy, take it away (kubectl -n ${sight.namespace} delete secret ${mtlsSecret}), and plan anew.`,
      }),
    );
  const several = way.kept === 'trust-only' && way.pairs.others.length > 0;
  return decided({
    layout: { type: several ? 'keys' : 'shared', previous: undefined, keys: {}, names: {} },
    names: {
      mtlsSecret: free(sight, mtlsSecret),
      keys: FILE_KEYS,
      servingSecret: serving.kind === 'as-it-is' ? servingSecret : free(sight, servingSecret),
      paramsConfigMap: PARAMS,
    },
    serving,
  });
};

/** Names by the configuration's defaults are left out of it. */
export const namesBesideUsual = ({ names, serving }: Targets): Readonly<Record<string, string>> => ({
  ...(names.mtlsSecret !== USUAL.mtlsSecret && { mtlsSecret: names.mtlsSecret }),
  ...(serving.kind !== 'as-it-is' &&
    names.servingSecret !== USUAL.servingSecret && { servingSecret: names.servingSecret }),
});
