/**
 * One server-side apply with a precondition.
 *
 * **Invariant:** a write that didn't find what it expected leaves nothing of ours behind.
 *
 * How each precondition holds:
 * - `version`: uid and resourceVersion stand in the applied object. The API server compares the resourceVersion inside its own
 *   transaction (409 otherwise); with a uid, an object that is gone is a 409 too and is not created anew
 *   (apiserver pkg/endpoints/handlers/patch.go `applyPatch`, "uid mismatch", v0.37.2).
 * - `absent`: an apply can't say "only if absent" (a POST could, but `create` can't be granted by name for a POST: the name isn't in
 *   its URL; for an apply it can). So the answer decides: 201 is "created by this call", 200 is "merged into somebody's object". In
 *   the second case an empty apply gives our fields up again, which removes what only we own, and the caller sees a `conflict`.
 *   Between the two calls readers may see our keys beside the other's; values are never overwritten, since this apply isn't forced:
 *   a differing value refuses the whole of it. What was merged had passed admission, so it was fit to be read. A crash between the two
 *   leaves our keys in that object, owned by our field manager: the next look sees that, and the owners, as they are.
 */
import { ApiError } from '../model/errors.ts';
import { FIELD_MANAGER } from '../model/product.ts';
import type { Precondition } from '../model/stored.ts';
import { type ApiAnswer, type ApiCall, type KubeClient, nameOf } from './client.ts';
import { apiError } from './errors.ts';
import { type JsonObject, objectAt, textAt } from './json.ts';
import { apiVersion, type ResourceType } from './resources.ts';

export interface Applied {
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Everything beside metadata. */
  readonly content: JsonObject;
  readonly force: boolean;
}

const applyCall = (applied: Applied, metadata: JsonObject, content: JsonObject, force: boolean): ApiCall => ({
  verb: 'patch',
  type: applied.type,
  namespace: applied.namespace,
  name: applied.name,
  query: { fieldManager: FIELD_MANAGER, force: String(force), fieldValidation: 'Strict' },
  contentType: 'application/apply-patch+yaml',
  body: {
    apiVersion: apiVersion(applied.type),
    kind: applied.type.kind,
    metadata: { name: applied.name, namespace: applied.namespace, ...metadata },
    ...content,
  },
});

const lostRace = (call: ApiCall, cause?: unknown): ApiError =>
  apiError(nameOf(call), 'conflict', 'the object was expected to be absent and is there', {
    status: 409,
    cause,
  });

/** Takes our fields out of an object that turned out to be somebody else's. */
const giveUp = async (client: KubeClient, applied: Applied, answer: ApiAnswer): Promise<void> => {
  const { uid, resourceVersion } = objectAt(answer.body, 'metadata');
  // `type` stays: it is equal (it can't be changed), and taking it out would ask for another type.
  const content = typeof answer.body.type === 'string' ? { type: textAt(answer.body, 'type') } : {};
  await client.request(applyCall(applied, { uid, resourceVersion }, content, false));
};

/**
 * Applies, and answers the stored object.
 *
 * @throws {ApiError} `conflict` where the precondition was lost, `field-conflict` where another manager owns a differing value and
 *   `force` is false.
 */
export const applyObject = async (
  client: KubeClient,
  applied: Applied,
  precondition: Precondition,
): Promise<JsonObject> => {
  const metadata = { labels: applied.labels, annotations: applied.annotations };
  if (precondition.expect === 'version') {
    const { uid, resourceVersion } = precondition;
    const call = applyCall(applied, { ...metadata, uid, resourceVersion }, applied.content, applied.force);
    return (await client.request(call)).body;
  }
  const call = applyCall(applied, metadata, applied.content, false);
  let answer: ApiAnswer;
  try {
    answer = await client.request(call);
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'field-conflict') throw lostRace(call, error);
    throw error;
  }
  if (answer.status === 201) return answer.body;
  await giveUp(client, applied, answer);
  throw lostRace(call);
};
