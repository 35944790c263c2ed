/**
 * Who gets on with whom, and whether a step may break it.
 *
 * **Invariant:** what isn't known to work counts as a risk, and what isn't known to fail never counts as broken already.
 */
import type { LeafId, PoolId, Possible, ServingId, TrustId, World } from './world.ts';

export type Verdict = 'yes' | 'no' | 'unknown';

/** The two relations of a handshake, on fingerprints. Made from real certificates by `catalog.ts`. */
export interface Compatibility {
  /** Does a repo-server with this trust let this client in? */
  trusts(trust: TrustId, leaf: LeafId): Verdict;
  /** Does a client with this pool accept this serving certificate for the name it dials? */
  verifies(pool: PoolId, serving: ServingId): Verdict;
}

interface Pairing {
  readonly client: string;
  readonly side: 'client-certificate' | 'server-certificate';
  readonly left: readonly string[];
  readonly right: readonly string[];
  readonly verdict: (left: string, right: string) => Verdict;
}

const pairings = (world: World, compatibility: Compatibility): readonly Pairing[] =>
  world.clients.flatMap((client) => [
    {
      client: client.component,
      side: 'client-certificate' as const,
      left: world.server.trust,
      right: client.leaf,
      verdict: (trust: string, leaf: string) => compatibility.trusts(trust as TrustId, leaf as LeafId),
    },
    {
      client: client.component,
      side: 'server-certificate' as const,
      left: client.pool,
      right: world.server.serving,
      verdict: (pool: string, serving: string) =>
        compatibility.verifies(pool as PoolId, serving as ServingId),
    },
  ]);

export interface Risk {
  readonly client: string;
  readonly side: 'client-certificate' | 'server-certificate';
  readonly left: string;
  readonly right: string;
  readonly verdict: Verdict;
}

/** Every combination in this world that isn't known to work. */
export const risks = (world: World, compatibility: Compatibility): readonly Risk[] =>
  pairings(world, compatibility).flatMap(({ client, side, left, right, verdict }) =>
    left.flatMap((l) =>
      right.flatMap((r) => {
        const answer = verdict(l, r);
        return answer === 'yes' ? [] : [{ client, side, left: l, right: r, verdict: answer }];
      }),
    ),
  );

/**
 * The combinations that a step would newly put at risk. Empty: the step may be taken.
 *
 * A pairing in which every combination is known to fail already can't be made worse, so repair is always possible.
 */
export const newRisks = (before: World, after: World, compatibility: Compatibility): readonly Risk[] => {
  const now = pairings(before, compatibility);
  return pairings(after, compatibility).flatMap((pairing, index) => {
    const earlier = now[index];
    if (earlier === undefined) return [];
    // The search asks this of thousands of worlds; what a step leaves alone stays the very same set.
    if (pairing.left === earlier.left && pairing.right === earlier.right) return [];
    const had = (set: Possible<string>, value: string) => set.includes(value);
    const brokenAlready = earlier.left.every((l) =>
      earlier.right.every((r) => earlier.verdict(l, r) === 'no'),
    );
    if (brokenAlready) return [];
    return pairing.left.flatMap((l) =>
      pairing.right.flatMap((r) => {
        if (had(earlier.left, l) && had(earlier.right, r)) return [];
        const verdict = pairing.verdict(l, r);
        return verdict === 'yes'
          ? []
          : [{ client: pairing.client, side: pairing.side, left: l, right: r, verdict }];
      }),
    );
  });
};
