/**
 * The record that a rotation begins with.
 */
import type { RotationRecord } from '../model/journal-record.ts';
import type { MaterialReading } from '../model/material.ts';
import type { Observation } from '../model/observation.ts';
import type { Plan } from '../model/plan.ts';
import type { ChangeClass, Instant } from '../model/terms.ts';
import type { Random } from '../ports.ts';

const SERVER_SIDE: readonly ChangeClass[] = ['serving', 'server-ca', 'verify-on'];

/** The source that the change comes from. */
const causeOf = ({ client, serving }: Observation, changeClass: ChangeClass): MaterialReading =>
  SERVER_SIDE.includes(changeClass) && serving !== undefined ? serving : client;

const sourceOf = (reading: MaterialReading): string =>
  reading.state === 'ready' ? reading.material.source : reading.source;

export const newRotation = (
  observation: Observation,
  plan: Plan,
  random: Random,
  now: Instant,
): RotationRecord => {
  const { clientLeaf, clientCa } = observation.published;
  const cause = causeOf(observation, plan.changeClass);
  return {
    id: `r${random.hex(5)}`,
    changeClass: plan.changeClass,
    traceId: random.hex(16),
    rootSpanId: random.hex(8),
    startedAt: now,
    detectedAt: cause.state === 'ready' ? cause.changedAt : undefined,
    source: sourceOf(cause),
    from: {
      leaf: clientLeaf.state === 'present' ? clientLeaf.value.certificate.fingerprint : undefined,
      clientCa: clientCa.state === 'present' ? clientCa.value.map((ca) => ca.fingerprint) : [],
    },
    to: { leaf: plan.goal.leaf, clientCa: plan.goal.clientCa },
    step: undefined,
    restarts: [],
    restartsAvoided: plan.restartsAvoided.length,
    callsAccepted: 0,
    callsRefused: 0,
    provedAt: undefined,
  };
};
