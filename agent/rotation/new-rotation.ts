/**
 * The record that a rotation begins with.
 */
import type { Fingerprint } from '../model/fingerprint.ts';
import type { RotationRecord } from '../model/journal-record.ts';
import type { MaterialReading } from '../model/material.ts';
import type { Observation } from '../model/observation.ts';
import type { Plan } from '../model/plan.ts';
import type { ChangeClass, Instant } from '../model/terms.ts';
import type { Random } from '../ports.ts';

const SERVER_SIDE: readonly ChangeClass[] = ['serving', 'server-ca', 'verify-on'];

/** The source that the change comes from: of several, the one whose leaf isn't published yet. */
const causeOf = (
  { clientMaterials, published, serving }: Observation,
  changeClass: ChangeClass,
): MaterialReading | undefined => {
  if (SERVER_SIDE.includes(changeClass) && serving !== undefined) return serving;
  const shown = published.leafs.flatMap(({ content }) =>
    content.state === 'present' ? [content.value.certificate.fingerprint] : [],
  );
  const fresh = clientMaterials.find(
    ({ reading }) =>
      reading.state === 'ready' && !shown.includes(reading.material.leaf.certificate.fingerprint),
  );
  return (fresh ?? clientMaterials[0])?.reading ?? serving;
};

const sourceOf = (reading: MaterialReading | undefined): string => {
  if (reading === undefined) return '';
  return reading.state === 'ready' ? reading.material.source : reading.source;
};

const leafsOf = ({ published }: Observation): readonly Fingerprint[] => [
  ...new Set(
    published.leafs.flatMap(({ content }) =>
      content.state === 'present' ? [content.value.certificate.fingerprint] : [],
    ),
  ),
];

export const newRotation = (
  observation: Observation,
  plan: Plan,
  random: Random,
  now: Instant,
): RotationRecord => {
  const { clientCa } = observation.published;
  const cause = causeOf(observation, plan.changeClass);
  return {
    id: `r${random.hex(5)}`,
    changeClass: plan.changeClass,
    traceId: random.hex(16),
    rootSpanId: random.hex(8),
    startedAt: now,
    detectedAt: cause?.state === 'ready' ? cause.changedAt : undefined,
    source: sourceOf(cause),
    from: {
      leafs: leafsOf(observation),
      clientCa: clientCa.state === 'present' ? clientCa.value.map((ca) => ca.fingerprint) : [],
    },
    to: { leafs: plan.goal.leafs, clientCa: plan.goal.clientCa },
    step: undefined,
    restarts: [],
    restartsAvoided: plan.restartsAvoided.length,
    callsAccepted: 0,
    callsRefused: 0,
    admission: plan.policy.admission,
    provedAt: undefined,
  };
};
