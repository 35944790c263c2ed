/**
 * What an ExternalSecret's conditions say about its Secret.
 *
 * **Invariant:** a Secret is read only while Ready is True. An ExternalSecret that was changed and not synced yet is Ready still: its Secret is the
 * whole one from before, and with `refreshPolicy: CreatedOnce` it stays so.
 */
import type { ExternalSecret } from '../../agent/ports.ts';

export type SyncState =
  | { readonly state: 'synced' }
  | { readonly state: 'waiting'; readonly why: string; readonly next: string };

/**
 * Ready turns False when the store can't be asked, while the Secret keeps its last content; it stays True with a reason of its own where
 * the Secret was deleted because the store has nothing any more (external-secrets externalsecret_controller.go, v0.20.4).
 */
export const syncState = (external: ExternalSecret): SyncState => {
  const { namespace, name, conditions } = external;
  const about = `ExternalSecret ${namespace}/${name}`;
  const look = `Run \`kubectl describe externalsecret ${name} -n ${namespace}\` if it stays so.`;
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (ready === undefined)
    return {
      state: 'waiting',
      why: `${about} has no Ready condition yet.`,
      next: `Wait for External Secrets, or look at whether it runs. ${look}`,
    };
  if (ready.status !== 'True')
    return {
      state: 'waiting',
      why: `${about} is not Ready: ${ready.reason}${ready.message === '' ? '' : `: ${ready.message}`}`,
      next: `Mend what the condition names. ${look}`,
    };
  if (ready.reason === 'SecretDeleted' || ready.reason === 'SecretMissing')
    return {
      state: 'waiting',
      why: `${about} has no Secret: ${ready.reason}${ready.message === '' ? '' : `: ${ready.message}`}`,
      next: `Put the pair into the store that it names. ${look}`,
    };
  return { state: 'synced' };
};
