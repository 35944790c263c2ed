/**
 * A failed API call as a reading of a source.
 *
 * **Invariant:** names verb and resource, so that a missing right can be granted without looking elsewhere.
 */
import { ApiError } from '../agent/model/errors.ts';
import type { SourceReading } from '../agent/model/material.ts';

/** @param object the object that was asked for: `argocd/repo-client-tls`. */
export const unreachable = (source: string, object: string, error: unknown): SourceReading => {
  if (!(error instanceof ApiError)) {
    return {
      state: 'unreachable',
      source,
      why: `${source} could not be read: ${error instanceof Error ? error.message : 'the reason is not known'}`,
      next: 'Report this as a defect; the agent tries again.',
    };
  }
  if (error.reason === 'forbidden') {
    return {
      state: 'unreachable',
      source,
      why: `The agent may not ${error.verb} ${error.resource} ${object}.`,
      next: `Grant the verb ${error.verb} on ${error.resource} ${object} in the Role of that namespace.`,
    };
  }
  return {
    state: 'unreachable',
    source,
    why: `${error.verb} ${error.resource} ${object} failed (${error.reason}): ${error.what}`,
    next: error.next,
  };
};
