/**
 * The API's refusals in their raw form, and what the agent makes of them.
 *
 * **Invariant:** raw forms are compared where the agent reads them; free text only where people will see it.
 */
import { expect, test } from '@jest/globals';
import type { WorldOf } from './describe.ts';
import { base64, failureOf } from './help.ts';

export const failureSentences = (worldOf: WorldOf): void => {
  test('what may not be read is forbidden, never absent, and the error names verb and resource', async () => {
    const { narrow, namespace } = worldOf();
    const failure = await failureOf(narrow.cluster.readSecret(namespace, 'hidden'));
    expect(failure).toMatchObject({
      reason: 'forbidden',
      kind: 'refused',
      verb: 'get',
      resource: 'secrets',
      status: 403,
    });
    expect(failure.what).toContain(`get secrets ${namespace}/hidden failed`);
    expect(failure.what).toContain('cannot get resource "secrets" in API group "" in the namespace');
  });

  test('a list without permission is forbidden', async () => {
    const { narrow, namespace } = worldOf();
    const failure = await failureOf(narrow.cluster.listPods(namespace));
    expect(failure).toMatchObject({ reason: 'forbidden', verb: 'list', resource: 'pods' });
  });

  test('an object that is not there is a NotFound status that names it', async () => {
    const { admin } = worldOf();
    const answer = await admin.raw(admin.path('Deployment', 'nowhere'));
    expect(answer.status).toBe(404);
    expect(answer.body).toMatchObject({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason: 'NotFound',
      code: 404,
      message: 'deployments.apps "nowhere" not found',
      details: { name: 'nowhere', group: 'apps', kind: 'deployments' },
    });
  });

  test('a POST of what exists is AlreadyExists', async () => {
    const { admin, namespace } = worldOf();
    await admin.create('Secret', 'twice', { data: base64({ a: '1' }) });
    const answer = await admin.raw(admin.path('Secret'), {
      method: 'POST',
      body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'twice', namespace } },
    });
    expect(answer.body).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'secrets "twice" already exists',
      details: { name: 'twice', kind: 'secrets' },
    });
  });

  test('a field conflict says manager and field, for one and for many', async () => {
    const { admin, namespace } = worldOf();
    const apply = (name: string, data: Readonly<Record<string, string>>, manager: string) =>
      admin.raw(admin.path('Secret', name), {
        method: 'PATCH',
        query: { fieldManager: manager },
        contentType: 'application/apply-patch+yaml',
        body: { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data: base64(data) },
      });
    await apply('fought-over', { a: '1', b: '2' }, 'first');
    const one = await apply('fought-over', { a: 'x' }, 'second');
    expect(one.body).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "first": .data.a',
      details: {
        causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "first"', field: '.data.a' }],
      },
    });
    const two = await apply('fought-over', { a: 'x', b: 'y' }, 'second');
    expect(two.body.message).toBe(
      'Apply failed with 2 conflicts: conflicts with "first":\n- .data.a\n- .data.b',
    );
  });

  test('a stale resourceVersion is a Conflict in the words of the API', async () => {
    const { admin } = worldOf();
    await admin.create('ConfigMap', 'passed', { data: { a: '1' } });
    const answer = await admin.raw(admin.path('ConfigMap', 'passed'), {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { metadata: { resourceVersion: '1' }, data: { a: '2' } },
    });
    expect(answer.body).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on configmaps "passed": the object has been modified; please apply your changes to the latest version and try again',
    });
  });

  test('a deletion bound to another uid or version is a Conflict in the words of the API', async () => {
    const { admin } = worldOf();
    await admin.create('ConfigMap', 'kept', { data: { a: '1' } });
    for (const [key, label] of [
      ['uid', 'UID'],
      ['resourceVersion', 'ResourceVersion'],
    ] as const) {
      const answer = await admin.raw(admin.path('ConfigMap', 'kept'), {
        method: 'DELETE',
        body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { [key]: '1' } },
      });
      expect(answer.body).toMatchObject({
        code: 409,
        reason: 'Conflict',
        details: { name: 'kept', kind: 'ConfigMap' },
      });
      expect(answer.body.message).toContain(
        `Operation cannot be fulfilled on ConfigMap "kept": the ${label} in the precondition (1) does not match the ${label} in record (`,
      );
    }
  });

  test('a name that is none is invalid at metadata.name', async () => {
    const { admin, namespace } = worldOf();
    const answer = await admin.raw(admin.path('Secret'), {
      method: 'POST',
      body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'Not_A_Name', namespace } },
    });
    expect(answer.status).toBe(422);
    expect(answer.body.details.causes[0]).toMatchObject({
      field: 'metadata.name',
      reason: 'FieldValueInvalid',
    });
  });

  test('a TLS Secret without its two keys is invalid at both', async () => {
    const { admin, namespace } = worldOf();
    const answer = await admin.raw(admin.path('Secret'), {
      method: 'POST',
      body: {
        apiVersion: 'v1',
        kind: 'Secret',
        type: 'kubernetes.io/tls',
        metadata: { name: 'half', namespace },
      },
    });
    expect(answer.status).toBe(422);
    const fields = answer.body.details.causes.map(({ field }: { field: string }) => field);
    expect(fields).toEqual(['data[tls.crt]', 'data[tls.key]']);
  });

  test('a list comes in pages, and by field and label selector', async () => {
    const { admin } = worldOf();
    for (const name of ['page-a', 'page-b', 'page-c']) {
      await admin.create('ConfigMap', name, { data: {} }, 'contract-admin', {
        labels: { paged: 'yes', which: name },
      });
    }
    const names = (answer: { body: { items: { metadata: { name: string } }[] } }): string[] =>
      answer.body.items.map(({ metadata }) => metadata.name);
    const first = await admin.raw(admin.path('ConfigMap'), {
      query: { labelSelector: 'paged=yes', limit: '2' },
    });
    expect(names(first)).toEqual(['page-a', 'page-b']);
    const second = await admin.raw(admin.path('ConfigMap'), {
      query: { labelSelector: 'paged=yes', limit: '2', continue: first.body.metadata.continue },
    });
    expect(names(second)).toEqual(['page-c']);
    expect(second.body.metadata.continue ?? '').toBe('');
    const one = await admin.raw(admin.path('ConfigMap'), {
      query: { fieldSelector: 'metadata.name=page-b' },
    });
    expect(names(one)).toEqual(['page-b']);
    const two = await admin.raw(admin.path('ConfigMap'), {
      query: { labelSelector: 'paged=yes,which in (page-a, page-c)' },
    });
    expect(names(two)).toEqual(['page-a', 'page-c']);
  });
};
