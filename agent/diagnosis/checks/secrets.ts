/**
 * Secrets (and the parameters' ConfigMap) that can't be written, or are better not labelled as they are.
 */
import type { Finding } from '../../model/plan.ts';
import { type Check, secretName } from '../input.ts';
import { secretPatch } from '../patches.ts';
import { targets } from '../targets.ts';

const SETTINGS_LABEL = 'app.kubernetes.io/part-of';

/** `immutable: true` can't be taken back: such an object can only be deleted and made anew. */
export const immutableTargets: Check = (input) =>
  targets(input).flatMap(({ kind, name, stored }): readonly Finding[] => {
    if (stored?.immutable !== true) return [];
    const { namespace } = input.settings;
    const object = `${kind.toLowerCase()} ${name}`;
    return [
      {
        code: 'immutable',
        severity: 'blocking',
        about: `${kind} ${namespace}/${name}`,
        what: `The ${kind} is immutable.`,
        effect:
          'No certificate in it can ever be changed; what it holds expires where it is. The kubelet does not look at it again either.',
        next: `Replace it by a mutable one with the same content in one step, so that running pods keep their files: kubectl -n ${namespace} get ${object} -o json | jq 'del(.immutable,.metadata.uid,.metadata.resourceVersion)' | kubectl replace --force -f -. Then restart what mounts it, one workload at a time.`,
        patch: undefined,
      },
    ];
  });

/** Argo CD takes every Secret with this label for its own settings (util/settings/settings.go). */
export const settingsLabel: Check = ({ settings, stored }) =>
  [stored.mtls, ...stored.clients.values(), stored.serving].flatMap((secret): readonly Finding[] => {
    if (secret?.labels[SETTINGS_LABEL] !== 'argocd') return [];
    return [
      {
        code: 'settings-label',
        severity: 'warning',
        about: secretName(settings.namespace, secret.name),
        what: `It carries the label ${SETTINGS_LABEL}: argocd.`,
        effect:
          "Argo CD takes it for settings: each change reloads them all, and its private key can be referenced from Argo CD's configuration.",
        next: 'Apply the patch.',
        patch: secretPatch(settings.namespace, secret.name, { [SETTINGS_LABEL]: null }),
      },
    ];
  });
