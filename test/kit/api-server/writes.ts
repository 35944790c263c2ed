/**
 * Writing objects: create, replace, patch, apply, delete; the steps between a request's body and the store.
 *
 * **Invariant:** a write is one step: it is stored wholly or refused wholly, and one that changes nothing gets no new resourceVersion.
 */
import { randomUUID } from 'node:crypto';
import { applyTo } from './apply.ts';
import {
  equalJson,
  type JsonObject,
  objectAt,
  optionalTextAt,
  textAt,
  timestamp,
  withMetadata,
  without,
} from './json.ts';
import { apiVersionOf, type Kind } from './kinds.ts';
import { type Manager, trackUpdate } from './managers.ts';
import { mergePatch } from './merge-patch.ts';
import {
  alreadyExists,
  badRequest,
  conflict,
  deletePrecondition,
  invalid,
  notFound,
  StatusError,
} from './status.ts';
import type { Store } from './store.ts';
import { validate, withDefaults } from './validate.ts';
import {
  checkIdentity,
  generationOf,
  keepServerFields,
  onlyWhatIsMeant,
  type Target,
} from './write-rules.ts';

export interface Written {
  readonly object: JsonObject;
  readonly created: boolean;
}

export class Writes {
  readonly #store: Store;
  readonly #now: () => number;

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** POST. `rehearse`: everything is checked, and nothing stored (`dryRun=All`). */
  create(
    kind: Kind,
    namespace: string,
    body: JsonObject,
    manager: string,
    how: 'store' | 'rehearse' = 'store',
  ): Written {
    const metadata = objectAt(body, 'metadata');
    const generated = optionalTextAt(metadata, 'generateName');
    const name =
      optionalTextAt(metadata, 'name') ??
      (generated === undefined ? '' : `${generated}${randomUUID().slice(0, 5)}`);
    if (name === '')
      throw invalid(kind, '', [
        {
          type: 'FieldValueRequired',
          field: 'metadata.name',
          message: 'Required value: name or generateName is required',
        },
      ]);
    if (this.#store.get(kind, namespace, name) !== undefined) throw alreadyExists(kind, name);
    const named = withMetadata(body, { name });
    const tracked = trackUpdate(
      undefined,
      this.#fresh(kind, namespace, named),
      this.#manager(kind, manager, 'Update'),
      this.#now(),
    );
    if (how === 'rehearse') {
      validate(kind, undefined, withDefaults(kind, tracked));
      return { object: tracked, created: true };
    }
    return {
      object: this.#commit({ kind, namespace, name, subresource: undefined }, undefined, tracked),
      created: true,
    };
  }

  /** PUT. */
  replace(target: Target, body: JsonObject, manager: string): Written {
    const before = this.#existing(target);
    return { object: this.#update(target, before, body, manager), created: false };
  }

  /** PATCH with application/merge-patch+json. */
  merge(target: Target, patch: JsonObject, manager: string): Written {
    const before = this.#existing(target);
    return { object: this.#update(target, before, mergePatch(before, patch), manager), created: false };
  }

  /** PATCH with application/apply-patch+yaml. `mayCreate` is asked (and may throw 403) where the object isn't there. */
  apply(
    target: Target,
    applied: JsonObject,
    manager: string,
    force: boolean,
    mayCreate: () => void,
  ): Written {
    const { kind, namespace, name, subresource } = target;
    this.#checkApplied(target, applied);
    const by = this.#manager(kind, manager, 'Apply', subresource);
    const before = this.#store.get(kind, namespace, name);
    if (before === undefined) {
      if (subresource !== undefined) throw notFound(kind, name);
      mayCreate();
      const uid = optionalTextAt(objectAt(applied, 'metadata'), 'uid');
      if (uid !== undefined) {
        throw conflict(
          kind,
          name,
          `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
        );
      }
      const created = applyTo(undefined, applied, by, force, this.#now());
      return {
        object: this.#commit(target, undefined, this.#fresh(kind, namespace, created)),
        created: true,
      };
    }
    const own = without(applied, 'apiVersion', 'kind');
    const ignored =
      subresource === 'status'
        ? { metadata: own.metadata, status: own.status }
        : without(own, ...(kind.statusSubresource ? ['status'] : []));
    const after = applyTo(before, ignored, by, force, this.#now());
    checkIdentity(target, before, after);
    return {
      object: this.#commit(target, before, onlyWhatIsMeant(target, before, keepServerFields(before, after))),
      created: false,
    };
  }

  /** DELETE with optional preconditions. Answers what is to be removed; removing is up to the caller (pods go gracefully). */
  checkDelete(target: Target, options: JsonObject): JsonObject {
    const before = this.#existing(target);
    const wanted = objectAt(options, 'preconditions');
    const stored = objectAt(before, 'metadata');
    for (const [key, label, guess] of [
      ['uid', 'UID', 'deleted and then recreated'],
      ['resourceVersion', 'ResourceVersion', 'modified'],
    ] as const) {
      const value = optionalTextAt(wanted, key);
      if (value === undefined || value === stored[key]) continue;
      throw deletePrecondition(
        target.kind,
        target.name,
        `the ${label} in the precondition (${value}) does not match the ${label} in record (${textAt(stored, key)}). The object might have been ${guess}`,
      );
    }
    return before;
  }

  #checkApplied({ name, namespace, kind }: Target, applied: JsonObject): void {
    const metadata = objectAt(applied, 'metadata');
    if (textAt(applied, 'kind') !== kind.kind || textAt(applied, 'apiVersion') !== apiVersionOf(kind)) {
      throw badRequest(
        `invalid object type: ${textAt(applied, 'apiVersion')}, Kind=${textAt(applied, 'kind')}`,
      );
    }
    if ((optionalTextAt(metadata, 'name') ?? name) !== name) {
      throw badRequest(
        `the name of the object (${textAt(metadata, 'name')}) does not match the name on the URL (${name})`,
      );
    }
    if ((optionalTextAt(metadata, 'namespace') ?? namespace) !== namespace) {
      throw badRequest(
        `the namespace of the provided object does not match the namespace sent on the request`,
      );
    }
    if (metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
  }

  #existing({ kind, namespace, name }: Target): JsonObject {
    const found = this.#store.get(kind, namespace, name);
    if (found === undefined) throw notFound(kind, name);
    return found;
  }

  #update(target: Target, before: JsonObject, after: JsonObject, manager: string): JsonObject {
    checkIdentity(target, before, after);
    const meant = onlyWhatIsMeant(target, before, keepServerFields(before, after));
    const by = this.#manager(target.kind, manager, 'Update', target.subresource);
    return this.#commit(
      target,
      before,
      trackUpdate(before, withDefaults(target.kind, meant), by, this.#now()),
    );
  }

  #fresh(kind: Kind, namespace: string, body: JsonObject): JsonObject {
    const bare = kind.statusSubresource ? without(body, 'status') : body;
    return withMetadata(
      { ...withDefaults(kind, bare), apiVersion: apiVersionOf(kind), kind: kind.kind },
      {
        namespace,
        uid: randomUUID(),
        creationTimestamp: timestamp(this.#now()),
        resourceVersion: undefined,
        generation: kind.generation ? 1 : undefined,
      },
    );
  }

  #commit(target: Target, before: JsonObject | undefined, after: JsonObject): JsonObject {
    const { kind } = target;
    const defaulted = withDefaults(kind, after);
    validate(kind, before, defaulted);
    if (before === undefined) return this.#store.put(kind, defaulted);
    const next = withMetadata(generationOf(kind, before, defaulted), {
      resourceVersion: objectAt(before, 'metadata').resourceVersion,
    });
    return equalJson(before, next) ? before : this.#store.put(kind, next);
  }

  #manager(kind: Kind, manager: string, operation: Manager['operation'], subresource?: string): Manager {
    if (manager === '')
      throw new StatusError(
        422,
        'Invalid',
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      );
    return { manager, operation, apiVersion: apiVersionOf(kind), subresource };
  }
}
