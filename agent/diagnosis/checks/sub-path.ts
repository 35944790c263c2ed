/**
 * Files mounted by subPath, which the kubelet never refreshes.
 *
 * Said of the pair only: what is read once at start is read from a fresh mount after each restart anyway.
 */
import { containerOf } from '../../argocd/container.ts';
import { MTLS_DIRECTORY } from '../../argocd/parameters.ts';
import type { Finding } from '../../model/plan.ts';
import { type Check, type FoundClient, foundClients, nameOf } from '../input.ts';
import { wholeDirectoryPatch } from '../patches.ts';

function patchFor({ component, workload }: FoundClient): string | undefined {
  const container = containerOf(component, workload.template);
  const mounts =
    container?.mounts.filter(
      ({ subPath, path }) => subPath !== undefined && path.startsWith(`${MTLS_DIRECTORY}/`),
    ) ?? [];
  const volumes = new Set(mounts.map(({ volume }) => volume));
  const [volume] = volumes;
  if (container === undefined || volume === undefined || volumes.size !== 1) return undefined;
  return wholeDirectoryPatch(
    workload,
    container,
    volume,
    mounts.map(({ path }) => path),
    MTLS_DIRECTORY,
  );
}

export const subPathMounts: Check = (input) =>
  foundClients(input).flatMap((client): readonly Finding[] => {
    const origins = [client.mounts.certificate, client.mounts.key];
    if (!origins.some((origin) => origin.from === 'secret' && origin.refresh === 'never')) return [];
    const patch = patchFor(client);
    return [
      {
        code: 'sub-path',
        severity: 'warning',
        about: nameOf(client.workload.ref),
        what: 'Its client certificate is mounted by subPath, which the kubelet never refreshes.',
        effect: 'It is restarted for every renewal of the leaf, which no other client needs.',
        next:
          patch === undefined ? `Mount the whole Secret at ${MTLS_DIRECTORY} instead.` : 'Apply the patch.',
        patch,
      },
    ];
  });
