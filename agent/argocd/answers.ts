/**
 * What a repo-server's answer to one call shows about the trust that it has loaded.
 *
 * **Invariant:** absence is never evidence: a call without a result shows nothing.
 */
import type { Call } from '../model/evidence.ts';

/** What one call showed: let in, turned away for lack of trust, or nothing. */
export type Shown = 'accepted' | 'refused' | 'nothing';

export const shown = ({ credential, outcome }: Call): Shown => {
  switch (outcome.result) {
    case 'accepted':
      return 'accepted';
    case 'refused':
      // Go looks at a leaf's dates before its chain: an expired leaf is refused by the bundle that trusts its CA as well.
      // That some certificate was asked for is seen by nobody's call, so nothing is lost.
      return credential.as === 'leaf' && outcome.alert === 'certificate-expired' ? 'nothing' : 'refused';
    case 'unknown':
      return 'nothing';
  }
};
