/**
 * What could not be seen: no Argo CD, two of one kind, objects that may not be read.
 */
import type { Discovered, Discovery } from '../../argocd/discover.ts';
import { nameOf } from '../../diagnosis/input.ts';
import { type ObjectKind, objectPlaceText } from '../../model/migration-findings.ts';
import type { Finding } from '../../model/plan.ts';
import { openedObjects } from './components.ts';
import type { Looked } from './problems.ts';

/** Something that the user may not read. `name`: `undefined` where all of a kind may not be listed. */
export interface Unreadable {
  readonly kind: ObjectKind | 'Certificate';
  readonly namespace: string;
  readonly name: string | undefined;
}

export const noArgoCd = ({ namespace }: Looked, { repoServer }: Discovery): readonly Finding[] =>
  repoServer.state !== 'absent'
    ? []
    : [
        {
          code: 'component-missing',
          severity: 'blocking',
          about: `Namespace ${namespace}`,
          what: `No repo-server is in namespace ${namespace}.`,
          effect: 'There is nothing to migrate here; nothing was changed.',
          next: "Give Argo CD's namespace with --namespace.",
          patch: undefined,
        },
      ];

export const ambiguous = ({ repoServer, clients }: Discovery): readonly Finding[] =>
  [['repo-server', repoServer] as const, ...Object.entries<Discovered>(clients)].flatMap(
    ([component, found]): readonly Finding[] =>
      found.state !== 'ambiguous'
        ? []
        : [
            {
              code: 'component-ambiguous',
              severity: 'blocking',
              about: component,
              what: `${found.candidates.map(nameOf).join(' and ')} could both be ${component}.`,
              effect:
                'Neither is chosen: a step could restart one and leave the other with what it has loaded.',
              next: 'Take the one that is not in use away, or scale it to zero.',
              patch: undefined,
            },
          ],
  );

const RESOURCE = { Secret: 'secrets', ConfigMap: 'configmaps', Certificate: 'certificates' } as const;

/** What Argo CD opens has to be known before anything is planned; of the rest, something may be missing in the picture. */
export const unreadable = (looked: Looked, refused: readonly Unreadable[]): readonly Finding[] => {
  const opened = openedObjects(looked.components);
  return refused.map(({ kind, namespace, name }): Finding => {
    const needed =
      kind !== 'Certificate' && name !== undefined && opened.has(objectPlaceText({ kind, namespace, name }));
    return name === undefined
      ? {
          code: 'list-forbidden',
          severity: 'warning',
          about: `${RESOURCE[kind]} of namespace ${namespace}`,
          what: `They may not be listed (RBAC: list ${RESOURCE[kind]} in ${namespace} is forbidden).`,
          effect:
            kind === 'Certificate'
              ? 'Which certificates cert-manager issues here is not known.'
              : 'Only those that Argo CD mounts were looked at by their names; a root or key that stands elsewhere is not in the picture.',
          next: `Run it as somebody who may list ${RESOURCE[kind]} in ${namespace}; the agent itself needs no such right.`,
          patch: undefined,
        }
      : {
          code: 'unreadable',
          severity: needed ? 'blocking' : 'warning',
          about: `${kind} ${namespace}/${name}`,
          what: `It may not be read (RBAC: get ${RESOURCE[kind]} ${name} in ${namespace} is forbidden).`,
          effect: needed
            ? 'Argo CD opens it for repo-server mTLS: what it trusts and shows now is not known, so no step is known to be safe.'
            : 'What it holds is not in the picture.',
          next: `Run it as somebody who may get ${RESOURCE[kind]} in ${namespace}.`,
          patch: undefined,
        };
  });
};

export const emptyNamespaces = (namespaces: readonly string[]): readonly Finding[] =>
  namespaces.map((namespace) => ({
    code: 'namespace-empty',
    severity: 'warning',
    about: `Namespace ${namespace}`,
    what: 'It was searched, and holds neither a Secret nor a ConfigMap: most likely there is no such namespace.',
    effect: 'Nothing of it is in the picture.',
    next: 'Check its name.',
    patch: undefined,
  }));
