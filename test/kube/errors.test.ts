import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { errorFromAnswer, errorFromFailure, neverArrived } from '../../agent/kube/errors.ts';
import type { ApiReason, ErrorKind } from '../../agent/model/errors.ts';

const call = { verb: 'patch', resource: 'secrets', namespace: 'argocd', name: 'mtls' };

const status = (code: number, reason: string, message: string, details: object = {}): string =>
  JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, details });

const answer = (code: number, body: string, retryAfter?: string) => ({ status: code, body, retryAfter });

describe('an answer becomes one named failure', () => {
  const table: readonly (readonly [number, string, ApiReason, ErrorKind])[] = [
    [400, 'BadRequest', 'invalid', 'refused'],
    [401, 'Unauthorized', 'unauthorized', 'refused'],
    [403, 'Forbidden', 'forbidden', 'refused'],
    [404, 'NotFound', 'not-found', 'refused'],
    [408, 'Timeout', 'timeout', 'transient'],
    [409, 'Conflict', 'conflict', 'transient'],
    [410, 'Expired', 'gone', 'transient'],
    [415, 'UnsupportedMediaType', 'unexpected', 'broken'],
    [422, 'Invalid', 'invalid', 'refused'],
    [429, 'TooManyRequests', 'too-many-requests', 'transient'],
    [500, 'InternalError', 'server-error', 'transient'],
    [503, 'ServiceUnavailable', 'server-error', 'transient'],
    [504, 'Timeout', 'timeout', 'transient'],
  ];
  test.each(table)('HTTP %i %s is %s, %s', (code, word, reason, kind) => {
    const error = errorFromAnswer(call, answer(code, status(code, word, 'some text')));
    expect(error).toMatchObject({ reason, kind, status: code, verb: 'patch', resource: 'secrets' });
    expect(error.what).toContain('patch secrets argocd/mtls failed');
    for (const sentence of [error.what, error.effect, error.next])
      expect(sentence).toMatch(/^[A-Za-z].*\.$/s);
  });

  test('a field conflict names each manager with its fields', () => {
    const causes = [
      { reason: 'FieldManagerConflict', message: 'conflict with "cert-manager"', field: '.data.a' },
      { reason: 'FieldManagerConflict', message: 'conflict with "cert-manager"', field: '.data.b' },
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "kubectl-edit" using v1 at 2030-01-01T00:00:00Z',
        field: '.data.c',
      },
    ];
    const error = errorFromAnswer(
      call,
      answer(409, status(409, 'Conflict', 'Apply failed with 3 conflicts', { causes })),
    );
    expect(error).toMatchObject({ reason: 'field-conflict', kind: 'refused' });
    expect(error.what).toContain('"cert-manager" owns .data.a, .data.b; "kubectl-edit" owns .data.c');
  });

  test('Retry-After is milliseconds, from the header or from the status', () => {
    expect(errorFromAnswer(call, answer(429, status(429, 'TooManyRequests', 'x'), '3')).retryAfter).toBe(
      3000,
    );
    const details = { retryAfterSeconds: 2 };
    expect(errorFromAnswer(call, answer(429, status(429, 'TooManyRequests', 'x', details))).retryAfter).toBe(
      2000,
    );
    expect(errorFromAnswer(call, answer(500, status(500, 'InternalError', 'x'))).retryAfter).toBeUndefined();
  });

  test('an answer that is no Kubernetes status says so and repeats nothing of it', () => {
    const error = errorFromAnswer(call, answer(502, '<html>proxy says hello</html>'));
    expect(error).toMatchObject({ reason: 'server-error', status: 502 });
    expect(error.message).not.toContain('hello');
  });
});

describe('no Secret’s value is in an error', () => {
  test('of a refused Secret only fields and reason words are repeated', () => {
    const body = status(422, 'Invalid', 'Secret "mtls" is invalid: data: Invalid value: "S3CRET"', {
      causes: [{ reason: 'FieldValueInvalid', message: 'Invalid value: "S3CRET"', field: 'data' }],
    });
    const error = errorFromAnswer(call, answer(422, body));
    expect(error.what).toContain('data (FieldValueInvalid)');
    expect(`${inspect(error, { depth: 9 })}${JSON.stringify(error)}${error.stack}`).not.toContain('S3CRET');
  });

  test('of anything else the API’s own sentence is repeated', () => {
    const about = { ...call, resource: 'deployments' };
    const error = errorFromAnswer(
      about,
      answer(422, status(422, 'Invalid', 'spec.replicas: must be positive')),
    );
    expect(error.what).toContain('spec.replicas: must be positive');
  });
});

describe('a call without an answer', () => {
  const failure = (code: string): Error =>
    new TypeError('fetch failed', { cause: Object.assign(new Error('socket'), { code }) });

  test('is a time-out where our limit ended it or the socket says so', () => {
    expect(errorFromFailure(call, new Error('aborted'), true).reason).toBe('timeout');
    expect(errorFromFailure(call, failure('ETIMEDOUT'), false).reason).toBe('timeout');
    expect(errorFromFailure(call, failure('UND_ERR_HEADERS_TIMEOUT'), false).reason).toBe('timeout');
  });

  test('is unreachable otherwise, and names the socket’s code', () => {
    const error = errorFromFailure(call, failure('ECONNRESET'), false);
    expect(error).toMatchObject({ reason: 'unreachable', kind: 'transient' });
    expect(error.what).toContain('ECONNRESET');
  });

  test('certainly never arrived where the connection was refused or the name unknown, and not where it broke', () => {
    expect(neverArrived(failure('ECONNREFUSED'))).toBe(true);
    expect(neverArrived(failure('ENOTFOUND'))).toBe(true);
    expect(neverArrived(failure('ECONNRESET'))).toBe(false);
  });
});
