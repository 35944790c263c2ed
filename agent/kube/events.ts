/**
 * Kubernetes Events, so that `kubectl describe` tells what the agent did (events.k8s.io/v1).
 *
 * **Invariant:** every Event fits the API's limits (note 1024 bytes, action and reason 128), so that telling never fails for its length.
 */
import { PRODUCT } from '../model/product.ts';
import type { KubernetesEvent } from '../ports.ts';
import type { KubeClient } from './client.ts';
import { apiVersion, RESOURCES } from './resources.ts';

const NOTE_LIMIT = 1024;
const WORD_LIMIT = 128;

/** Cuts to `limit` bytes of UTF-8, at a character's edge. */
export const cutToBytes = (text: string, limit: number): string => {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= limit) return text;
  return `${bytes
    .subarray(0, limit - 3)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')}…`;
};

/** `reporter`: who of several agents it was, for `reportingInstance`. @throws {ApiError} */
export const emitEvent = async (
  client: KubeClient,
  event: KubernetesEvent,
  reporter: string,
): Promise<void> => {
  const type = RESOURCES.Event;
  await client.request({
    verb: 'create',
    type,
    namespace: event.namespace,
    body: {
      apiVersion: apiVersion(type),
      kind: type.kind,
      metadata: {
        // A dash at the end, not the customary dot: that would have to be a valid name as it stands (ValidateObjectMeta).
        generateName: `${event.regarding.name.slice(0, 200)}-`,
        namespace: event.namespace,
        annotations: event.annotations,
      },
      // metav1.MicroTime: six digits.
      eventTime: new Date(event.at).toISOString().replace(/Z$/, '000Z'),
      reportingController: PRODUCT,
      reportingInstance: cutToBytes(reporter, WORD_LIMIT),
      action: cutToBytes(event.action, WORD_LIMIT),
      reason: cutToBytes(event.reason, WORD_LIMIT),
      type: event.type,
      regarding: { ...event.regarding, namespace: event.namespace },
      note: cutToBytes(event.note, NOTE_LIMIT),
    },
  });
};
