/**
 * Windows and freezes that would hold a renewal until what is published has expired.
 *
 * **Invariant:** told from the first look on, long before anything is due: with both dates, while there is time to change the policy.
 */

import type { Certificate } from '../../model/certificate.ts';
import type { Leaf } from '../../model/material.ts';
import type { Content } from '../../model/observation.ts';
import type { Finding } from '../../model/plan.ts';
import type { PolicyClass } from '../../model/policy.ts';
import { opening } from '../../policy/calendar.ts';
import { whenUrgent } from '../../policy/judge.ts';
import type { PreflightInput } from '../input.ts';

/** A published certificate, and the kind of change that would renew it. */
interface Due {
  readonly changeClass: PolicyClass;
  readonly secret: string;
  readonly certificate: Certificate;
}

const leafIn = (content: Content<Leaf>): readonly Certificate[] =>
  content.state === 'present' ? [content.value.certificate] : [];

const dueOf = ({ published, settings }: PreflightInput): readonly Due[] => [
  ...published.leafs.flatMap(({ slot, content }) =>
    leafIn(content).map((certificate): Due => ({ changeClass: 'leaf', secret: slot.secret, certificate })),
  ),
  ...(settings.serving === undefined ? [] : leafIn(published.serving)).map(
    (certificate): Due => ({ changeClass: 'serving', secret: settings.names.servingSecret, certificate }),
  ),
];

const date = (at: number): string => new Date(at).toISOString();

/** Renewals that no window lets begin in time, urgency considered. */
export const lateWindows = (input: PreflightInput): readonly Finding[] => {
  const { settings, at } = input;
  const { policy, namespace } = settings;
  if (policy.windows.length + policy.freezes.length === 0) return [];
  const inForce = policy.urgentBefore === undefined ? policy : whenUrgent(policy);
  return dueOf(input).flatMap(({ changeClass, secret, certificate }): readonly Finding[] => {
    const { notAfter } = certificate;
    const opens = opening(inForce, [changeClass], at);
    if (opens !== undefined && opens < notAfter) return [];
    const when = opens === undefined ? 'within the next nine years' : `before ${date(opens)}`;
    return [
      {
        code: 'window-too-late',
        severity: 'warning',
        about: `Secret ${namespace}/${secret}`,
        what: `A certificate in it expires on ${date(notAfter)}, and windows and freezes let no renewal (${changeClass}) begin ${when}.`,
        effect: 'Calls that need it fail from its expiry on, whatever the source holds by then.',
        next: 'Add a window before that date or shorten the freeze; or set policy.urgentBefore, and have it override what is in the way.',
        patch: undefined,
      },
    ];
  });
};
