/** How a plan stands to no policy at all. */
import type { PolicyView } from '../../../agent/model/policy.ts';

export const NO_VIEW: PolicyView = {
  digest: '0'.repeat(32),
  classes: [],
  deadline: undefined,
  admission: undefined,
};
