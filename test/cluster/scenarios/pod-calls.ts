/**
 * Real calls from the node to every repo-server pod, by whoever is named: the proof that an old certificate is refused.
 */
import type { Fingerprint } from '../../../agent/model/fingerprint.ts';
import { SecretBytes } from '../../../agent/model/secret-bytes.ts';
import type { DialCredential } from '../../../agent/ports.ts';
import { systemClock } from '../../../agent/runtime/system-clock.ts';
import { systemRandom } from '../../../agent/runtime/system-random.ts';
import { createDialer } from '../../../agent/verification/handshake.ts';
import { strangers } from '../../../agent/verification/stranger.ts';
import { verdict } from '../facts/repo-server.ts';
import type { Api, KubeObject } from '../harness/api.ts';
import { fingerprintOf } from '../harness/issuers.ts';

interface Pod extends KubeObject {
  status?: { podIP?: string; conditions?: { type: string; status: string }[] };
}

const dialer = createDialer(systemClock, strangers(systemClock, systemRandom));

/** A pair as its Secret has it. */
export const asPair = ({ certificate, key }: { certificate: string; key: string }): DialCredential => ({
  as: 'leaf',
  leaf: fingerprintOf(certificate) as Fingerprint,
  certificatePem: certificate,
  key: SecretBytes.of(key),
});

/** Pod → caller → `accepted`, or the alert. Pods that are on their way out are left aside. */
export const callsToRepoServers = async (
  api: Api,
  namespace: string,
  callers: Readonly<Record<string, DialCredential>>,
): Promise<readonly Readonly<Record<string, string>>[]> => {
  const selector = encodeURIComponent('app.kubernetes.io/name=argocd-repo-server');
  const pods = (await api.list<Pod>(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`)).filter(
    ({ metadata }) => metadata.deletionTimestamp === undefined,
  );
  return await Promise.all(
    pods.map(async ({ metadata, status = {} }) => {
      const isReady =
        status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false;
      const { podIP } = status;
      if (!isReady || podIP === undefined) throw new Error(`${metadata.name} is not Ready`);
      const target = { host: podIP, port: 8081, serverName: 'argocd-repo-server' };
      const said: Record<string, string> = {};
      for (const [name, credential] of Object.entries(callers))
        said[name] = verdict((await dialer.call(target, credential, 5_000)).outcome);
      return said;
    }),
  );
};
