/**
 * Reading one object, or a namespace's objects of one kind.
 *
 * **Invariant:** a 404 of the object is an absence; any other failure is thrown, so "may not be read" never looks like "isn't there".
 */
import { ApiError } from '../model/errors.ts';
import type { KubeClient } from './client.ts';
import { type JsonObject, objectAt, objectsAt, textAt } from './json.ts';
import type { ResourceType } from './resources.ts';

export const readObject = async (
  client: KubeClient,
  type: ResourceType,
  namespace: string,
  name: string,
): Promise<JsonObject | undefined> => {
  try {
    return (await client.request({ verb: 'get', type, namespace, name })).body;
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'not-found') return undefined;
    throw error;
  }
};

/** All of the labels, by equality. */
export const labelSelector = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');

/** Lists in pages of 250, those with all of `labels` only; a page token that expired meanwhile (410) starts the list again, once. */
export const listObjects = async (
  client: KubeClient,
  type: ResourceType,
  namespace: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<readonly JsonObject[]> => {
  const selected: Record<string, string> =
    Object.keys(labels).length === 0 ? {} : { labelSelector: labelSelector(labels) };
  const pages = async (): Promise<readonly JsonObject[]> => {
    const found: JsonObject[] = [];
    let token = '';
    do {
      const query = { limit: '250', ...selected, ...(token === '' ? {} : { continue: token }) };
      const { body } = await client.request({ verb: 'list', type, namespace, query });
      found.push(...objectsAt(body, 'items'));
      token = textAt(objectAt(body, 'metadata'), 'continue');
    } while (token !== '');
    return found;
  };
  try {
    return await pages();
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'gone') return await pages();
    throw error;
  }
};
