/**
 * Which CAs this pod's trust file shall hold.
 *
 * **Invariant:** a CA under which a live pod on the other side may show a leaf stays; so does every CA while one of those pods has told nothing.
 * And no CA comes in but by a source: its own, or that of another pod on the same side.
 */
import { type Bundle, meet, type Situation, trustsOn, union } from './situation.ts';

/** CAs that `source` lacks and the pods on the other side still need. */
const neededBy = (situation: Situation, source: Bundle): Bundle => {
  const { others, written, component, relations } = situation;
  if (others.state !== 'known') return written?.trust ?? [];
  const side = trustsOn(component);
  const vouched = union(written?.trust ?? [], others.vouched);
  return union(
    ...others.peers
      .filter((peer) => meet(component, peer.component))
      .map(({ shows }) =>
        shows === 'unknown'
          ? (written?.trust ?? others.vouched)
          : union(
              ...shows
                .filter((leaf) => relations.accepts(source, leaf, side) !== 'yes')
                .map((leaf) => relations.acceptedUnder(leaf, vouched, side)),
            ),
      ),
  );
};

/** `undefined`: the trust file is none of the sidecar's. What a source that says nothing wrote before stays as it is. */
export const trustGoal = (situation: Situation): Bundle | undefined => {
  const { trust, written, relations } = situation;
  if (trust === undefined) return undefined;
  if (trust.state !== 'ready') return written?.trust;
  return union(trust.value, neededBy(situation, trust.value)).filter(
    (ca) => trust.value.includes(ca) || !relations.isExpired(ca),
  );
};
