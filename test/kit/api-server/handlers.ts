/**
 * Carries out one authorised call.
 *
 * **Invariant:** the answer is what the store holds after the call; nothing is answered that isn't stored.
 */

import {
  type JsonObject,
  numberAt,
  objectAt,
  objectsAt,
  optionalTextAt,
  stringMapAt,
  textAt,
} from './json.ts';
import { kindByName } from './kinds.ts';
import type { Kubelet } from './kubelet.ts';
import { authorize, type Rule } from './rbac.ts';
import type { Route } from './routes.ts';
import { selectorOf } from './selectors.ts';
import { badRequest, expired, notFound, StatusError } from './status.ts';
import type { Store } from './store.ts';
import type { Target } from './write-rules.ts';
import type { Writes, Written } from './writes.ts';

export interface Call {
  readonly route: Route;
  readonly user: string;
  readonly body: JsonObject;
  readonly contentType: string;
  readonly userAgent: string;
  /** The client asked for `as=PartialObjectMetadata`. */
  readonly metadataOnly: boolean;
}

export interface Answer {
  readonly code: number;
  readonly body: JsonObject;
}

export interface World {
  readonly store: Store;
  readonly writes: Writes;
  readonly kubelet: Kubelet;
  readonly rules: () => readonly Rule[];
  /** `namespace/name` of pods that a PodDisruptionBudget protects now. */
  readonly protectedPods: ReadonlySet<string>;
}

export const presentAs =
  (metadataOnly: boolean) =>
  (object: JsonObject): JsonObject =>
    metadataOnly
      ? {
          kind: 'PartialObjectMetadata',
          apiVersion: 'meta.k8s.io/v1',
          metadata: objectAt(object, 'metadata'),
        }
      : object;

const success = (details: JsonObject): JsonObject => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  details,
});

const targetOf = ({ kind, namespace, name, subresource }: Route): Target => {
  if (name === undefined) throw badRequest('a name is needed');
  return { kind, namespace, name, subresource };
};

const managerOf = (call: Call): string =>
  call.route.query.get('fieldManager') ?? call.userAgent.split('/')[0] ?? 'unknown';

const list = (call: Call, world: World): Answer => {
  const { kind, namespace, query } = call.route;
  const token = query.get('continue');
  const start = token === null ? { after: '', version: String(world.store.version) } : JSON.parse(token);
  if (token !== null && world.store.since(Number(start.version)) === undefined) {
    throw expired('The provided continue parameter is too old to display a consistent list result.');
  }
  const matching = world.store
    .list(kind, namespace)
    .filter(selectorOf(query))
    .filter((object) => textAt(objectAt(object, 'metadata'), 'name') > start.after);
  const limit = Number(query.get('limit') ?? 0);
  const page = limit > 0 ? matching.slice(0, limit) : matching;
  const last = page.at(-1);
  const more = last !== undefined && page.length < matching.length;
  const after = last === undefined ? '' : textAt(objectAt(last, 'metadata'), 'name');
  return {
    code: 200,
    body: {
      kind: call.metadataOnly ? 'PartialObjectMetadataList' : `${kind.kind}List`,
      apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
      metadata: {
        resourceVersion: start.version,
        ...(more ? { continue: JSON.stringify({ after, version: start.version }) } : {}),
      },
      items: page.map(presentAs(call.metadataOnly)),
    },
  };
};

const patch = (call: Call, world: World): Written => {
  const target = targetOf(call.route);
  const { query } = call.route;
  switch (call.contentType) {
    case 'application/merge-patch+json':
      return world.writes.merge(target, call.body, managerOf(call));
    case 'application/apply-patch+yaml': {
      const mayCreate = (): void =>
        authorize(world.rules(), { ...target, subresource: undefined, user: call.user, verb: 'create' });
      return world.writes.apply(
        target,
        call.body,
        query.get('fieldManager') ?? '',
        query.get('force') === 'true',
        mayCreate,
      );
    }
    default:
      throw new StatusError(
        415,
        'UnsupportedMediaType',
        `the body of the request was in an unknown format - the stand-in accepts merge and apply patches, not ${call.contentType}`,
      );
  }
};

const remove = (call: Call, world: World): Answer => {
  const target = targetOf(call.route);
  const object = world.writes.checkDelete(target, call.body);
  if (target.kind.kind === 'Pod') {
    world.kubelet.stop(target.namespace, target.name);
    return { code: 200, body: world.store.get(target.kind, target.namespace, target.name) ?? object };
  }
  world.store.remove(target.kind, target.namespace, target.name);
  const { uid } = objectAt(object, 'metadata');
  return { code: 200, body: success({ name: target.name, kind: target.kind.plural, uid }) };
};

const isReady = (pod: JsonObject): boolean =>
  objectsAt(objectAt(pod, 'status'), 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True',
  );

const selects = (budget: JsonObject, pod: JsonObject): boolean => {
  const labels = stringMapAt(objectAt(pod, 'metadata'), 'labels');
  const wanted = Object.entries(stringMapAt(objectAt(budget, 'spec', 'selector'), 'matchLabels'));
  return wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value);
};

/** A budget with `minAvailable` as a number, for a pod that is Ready: the others may always go. */
const isGuarded = (pod: JsonObject, namespace: string, { store, protectedPods }: World): boolean => {
  const pods = store.list(kindByName('Pod'), namespace);
  return (
    protectedPods.has(`${namespace}/${textAt(objectAt(pod, 'metadata'), 'name')}`) ||
    (isReady(pod) &&
      store
        .list(kindByName('PodDisruptionBudget'), namespace)
        .filter((budget) => selects(budget, pod))
        .some((budget) => {
          const healthy = pods.filter((other) => selects(budget, other) && isReady(other)).length;
          return healthy - 1 < numberAt(objectAt(budget, 'spec'), 'minAvailable');
        }))
  );
};

/** pods/eviction (kubernetes pkg/registry/core/pod/storage/eviction.go, v1.37.2). */
const evict = (call: Call, world: World): Answer => {
  const target = targetOf(call.route);
  const pod = kindByName('Pod');
  const found = world.store.get(pod, target.namespace, target.name);
  if (found === undefined) throw notFound(pod, target.name);
  if (isGuarded(found, target.namespace, world)) {
    throw new StatusError(
      429,
      'TooManyRequests',
      "Cannot evict pod as it would violate the pod's disruption budget.",
      {
        causes: [
          {
            reason: 'DisruptionBudget',
            message: 'The disruption budget stand-in needs 1 healthy pods and has 1 currently',
          },
        ],
      },
    );
  }
  world.writes.checkDelete({ ...target, subresource: undefined }, objectAt(call.body, 'deleteOptions'));
  world.kubelet.stop(target.namespace, target.name);
  return { code: 201, body: success({}) };
};

/** Everything but watch. @throws {StatusError} */
export const handle = (call: Call, world: World): Answer => {
  const { kind, namespace, name, verb, subresource } = call.route;
  const present = presentAs(call.metadataOnly);
  switch (verb) {
    case 'get': {
      const found = world.store.get(kind, namespace, name ?? '');
      if (found === undefined) throw notFound(kind, name ?? '');
      return { code: 200, body: present(found) };
    }
    case 'list':
      return list(call, world);
    case 'create': {
      if (subresource === 'eviction') return evict(call, world);
      const asked = optionalTextAt(objectAt(call.body, 'metadata'), 'namespace');
      if (asked !== undefined && asked !== namespace) {
        throw badRequest(
          'the namespace of the provided object does not match the namespace sent on the request',
        );
      }
      const how = call.route.query.get('dryRun') === 'All' ? 'rehearse' : 'store';
      return {
        code: 201,
        body: world.writes.create(kind, namespace, call.body, managerOf(call), how).object,
      };
    }
    case 'update':
      return {
        code: 200,
        body: world.writes.replace(targetOf(call.route), call.body, managerOf(call)).object,
      };
    case 'patch': {
      const written = patch(call, world);
      return { code: written.created ? 201 : 200, body: present(written.object) };
    }
    case 'delete':
      return remove(call, world);
    default:
      throw new StatusError(
        405,
        'MethodNotAllowed',
        'the server does not allow this method on the requested resource',
      );
  }
};
