/**
 * Real calls to repo-servers that tell nothing: would they accept the leaf that this client is about to show?
 *
 * **Invariant:** only an answered call counts, for the container that answered it and for nothing else.
 */
import { mainContainer } from '../argocd/container.ts';
import type { Fingerprint } from '../model/fingerprint.ts';
import type { Leaf } from '../model/material.ts';
import type { Duration } from '../model/terms.ts';
import type { LivePod } from './ask-api.ts';
import { callKey, type SidecarApi, type SidecarMemory, type SidecarServices } from './services.ts';

const TIMEOUT: Duration = 5_000;
const PORT = 8081;

const containerIn = ({ pod, component }: LivePod): string => mainContainer(pod, component)?.id ?? '';

/** Calls each of these pods, unless it was called lately. */
export const callOthers = async (
  { settings, clock }: Pick<SidecarServices, 'settings' | 'clock'>,
  { dialer }: Pick<SidecarApi, 'dialer'>,
  memory: SidecarMemory,
  silent: readonly LivePod[],
  leaf: Leaf,
): Promise<void> => {
  const certificatePem = [leaf.certificate, ...leaf.intermediates].map(({ pem }) => pem).join('');
  await Promise.all(
    silent.map(async (live) => {
      const { ip } = live.pod;
      const container = containerIn(live);
      const key = callKey(container, leaf.certificate.fingerprint);
      const before = memory.calls.get(key);
      if (ip === undefined || container === '' || before?.accepted === true) return;
      if (before !== undefined && clock.now() - before.at < settings.timing.poll) return;
      const { outcome } = await dialer.call(
        { host: ip, port: PORT, serverName: settings.dialledNames[0] ?? 'argocd-repo-server' },
        { as: 'leaf', leaf: leaf.certificate.fingerprint, certificatePem, key: leaf.key },
        TIMEOUT,
      );
      memory.calls.set(key, { at: clock.now(), accepted: outcome.result === 'accepted' });
    }),
  );
};

/** Leafs that were accepted by the container that runs in that pod now. */
export const acceptedBy = (
  memory: SidecarMemory,
  live: LivePod,
  leafs: readonly Fingerprint[],
): readonly Fingerprint[] => {
  const container = containerIn(live);
  return container === ''
    ? []
    : leafs.filter((leaf) => memory.calls.get(callKey(container, leaf))?.accepted === true);
};
