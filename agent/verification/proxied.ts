/**
 * What a call shows where a mesh's proxy stands before the process that was meant. Pure.
 *
 * A proxy that ends TLS itself asks for its own mesh's certificates and refuses, or accepts, on its own account. Only where the certificate
 * that was presented is repo-server's did the call get through to it, whatever stands between.
 *
 * **Invariant:** behind a proxy nothing is accepted or refused that repo-server's own certificate doesn't vouch for.
 */
import type { Call, PodProof } from '../model/evidence.ts';
import type { Fingerprint } from '../model/fingerprint.ts';
import { short } from '../model/fingerprint.ts';

/** Whether a certificate is one that repo-server was given. */
export type IsRepoServers = (presented: Fingerprint) => boolean;

const isEndToEnd = ({ presented, selfMade }: Call, isRepoServers: IsRepoServers): boolean =>
  presented !== undefined && (selfMade === true || isRepoServers(presented));

const whyNot = ({ outcome, presented }: Call): string => {
  const whose =
    presented === undefined ? 'no certificate' : `certificate ${short(presented)}, not repo-server's,`;
  switch (outcome.result) {
    case 'accepted':
      return `the call was answered by what presented ${whose} so that nothing is known of repo-server`;
    case 'refused':
      return `what presented ${whose} refused the call (${outcome.detail}); repo-server was not asked`;
    case 'unknown':
      return outcome.why;
  }
};

/** A call as far as it says something about repo-server itself. What a proxy presented is left out: it is nobody's serving certificate. */
const throughProxy = (call: Call, proxy: string, isRepoServers: IsRepoServers): Call => {
  if (isEndToEnd(call, isRepoServers)) return call;
  return {
    ...call,
    presented: undefined,
    outcome: { result: 'unknown', why: `a proxy (${proxy}) is in the way: ${whyNot(call)}` },
  };
};

/**
 * @param proxy name of the proxy in front of this pod; `undefined` leaves the proof as it is.
 */
export const proofThroughProxy = (
  proof: PodProof,
  proxy: string | undefined,
  isRepoServers: IsRepoServers,
): PodProof =>
  proxy === undefined
    ? proof
    : { ...proof, calls: proof.calls.map((call) => throughProxy(call, proxy, isRepoServers)) };
