/**
 * Asks a source for a new leaf, and takes away what a source kept until it was published.
 *
 * **Invariant:** asking publishes nothing: what comes back is read and judged like anything else that the source holds.
 */
import type { Observation } from '../model/observation.ts';
import type { Step } from '../model/plan.ts';
import type { Next } from './next.ts';
import { dialledNames } from './observe.ts';
import { preconditionOf } from './previous.ts';
import { requestFor } from './read-material.ts';
import type { RotationServices } from './services.ts';

/** Between two looks at a source that was asked and issues in its own time. */
const ISSUED_AGAIN = 2_000;

/** @throws ApiError, RotatorError as the source does. */
export const issue = async (
  { sources, settings }: RotationServices,
  { published, clients }: Observation,
  step: Extract<Step, { kind: 'issue' }>,
): Promise<Next> => {
  const asked = sources.find(({ role }) => role === step.role);
  const names = dialledNames(clients.map((client) => client.mounts));
  if (asked !== undefined)
    await asked.source.issue?.(step.reason, requestFor(asked, published, settings, names));
  return { again: 'after', delay: ISSUED_AGAIN };
};

/** Gone already is success. @throws ApiError as the cluster does. */
export const erasePending = async ({ cluster, settings }: RotationServices, name: string): Promise<void> => {
  const stored = await cluster.readSecret(settings.namespace, name);
  await cluster.deleteSecret(settings.namespace, name, preconditionOf(stored));
};
