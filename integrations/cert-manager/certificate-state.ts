/**
 * What a cert-manager Certificate's conditions say about its Secret.
 *
 * **Invariant:** `Ready` counts only for the generation it was observed for; a Certificate whose spec has changed since is not ready.
 */
import type { CertManagerCertificate } from '../../agent/ports.ts';

export type CertificateState =
  | { readonly state: 'ready' }
  | { readonly state: 'waiting'; readonly why: string; readonly next: string };

const waiting = (why: string, next: string): CertificateState => ({ state: 'waiting', why, next });

/**
 * Ready stays True while a renewal is under way, and the Secret holds the old pair until the new one replaces it in one write
 * (cert-manager v1.21 pkg/controller/certificates/issuing/internal/secret.go): Ready therefore outweighs Issuing.
 */
export const certificateState = (certificate: CertManagerCertificate): CertificateState => {
  const { namespace, name, generation, conditions } = certificate;
  const about = `Certificate ${namespace}/${name}`;
  const look = `Run \`cmctl status certificate ${name} -n ${namespace}\` if it stays so.`;
  const ready = conditions.find((condition) => condition.type === 'Ready');
  const issuing = conditions.find((condition) => condition.type === 'Issuing' && condition.status === 'True');
  const isCurrent = ready?.observedGeneration === generation;
  if (ready?.status === 'True' && isCurrent) return { state: 'ready' };
  if (issuing !== undefined)
    return waiting(`${about} is being issued: ${issuing.message || issuing.reason}`, `Wait for it. ${look}`);
  if (ready === undefined)
    return waiting(
      `${about} has no Ready condition yet.`,
      `Wait for cert-manager, or look at whether it runs. ${look}`,
    );
  if (!isCurrent)
    return waiting(
      `${about} was changed (generation ${generation}) and Ready was set for generation ${ready.observedGeneration ?? 'unknown'}.`,
      `Wait for cert-manager. ${look}`,
    );
  return waiting(
    `${about} is not Ready: ${ready.reason}${ready.message === '' ? '' : `: ${ready.message}`}`,
    `Mend what the condition names. ${look}`,
  );
};
