/**
 * Failures in the form of the real API server: metav1.Status with its reasons, messages and causes
 * (k8s.io/apimachinery pkg/api/errors/errors.go, v0.37.2).
 *
 * **Invariant:** whatever goes wrong inside a request leaves the stand-in as one of these.
 */

import { type JsonObject, withoutUndefined } from './json.ts';
import type { Kind } from './kinds.ts';

export class StatusError extends Error {
  readonly status: JsonObject;
  readonly code: number;
  readonly retryAfter: number | undefined;

  constructor(code: number, reason: string, message: string, details: JsonObject = {}, retryAfter?: number) {
    super(message);
    this.code = code;
    this.retryAfter = retryAfter;
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      details: withoutUndefined({ ...details, retryAfterSeconds: retryAfter }),
      code,
    };
  }
}

const qualified = (kind: Kind): string => (kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`);
const about = (kind: Kind, name: string): JsonObject =>
  withoutUndefined({ name, group: kind.group === '' ? undefined : kind.group, kind: kind.plural });

export const notFound = (kind: Kind, name: string): StatusError =>
  new StatusError(404, 'NotFound', `${qualified(kind)} "${name}" not found`, about(kind, name));

export const alreadyExists = (kind: Kind, name: string): StatusError =>
  new StatusError(409, 'AlreadyExists', `${qualified(kind)} "${name}" already exists`, about(kind, name));

export const conflict = (kind: Kind, name: string, why: string): StatusError =>
  new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(kind)} "${name}": ${why}`,
    about(kind, name),
  );

/** apiserver pkg/registry/rest/delete.go `BeforeDelete`: names the kind where other conflicts name the resource. */
export const deletePrecondition = (kind: Kind, name: string, why: string): StatusError =>
  conflict({ ...kind, plural: kind.kind }, name, why);

export const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

export const forbidden = (
  kind: Kind,
  name: string | undefined,
  user: string,
  verb: string,
  resource: string,
  namespace: string,
): StatusError =>
  new StatusError(
    403,
    'Forbidden',
    `${qualified(kind)}${name === undefined ? '' : ` "${name}"`} is forbidden: User "${user}" cannot ${verb} resource "${resource}" ` +
      `in API group "${kind.group}" in the namespace "${namespace}"`,
    about(kind, name ?? ''),
  );

export interface FieldError {
  readonly type: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueTooLong';
  readonly field: string;
  readonly message: string;
}

export const invalid = (kind: Kind, name: string, errors: readonly FieldError[]): StatusError => {
  const sentences = errors.map((error) => `${error.field}: ${error.message}`);
  const text = sentences.length === 1 ? sentences[0] : `[${sentences.join(', ')}]`;
  return new StatusError(422, 'Invalid', `${kind.kind} "${name}" is invalid: ${text}`, {
    ...withoutUndefined({ name, group: kind.group === '' ? undefined : kind.group, kind: kind.kind }),
    causes: errors.map(({ type, message, field }) => ({ reason: type, message, field })),
  });
};

export const badRequest = (message: string): StatusError => new StatusError(400, 'BadRequest', message);

export const unauthorized = (): StatusError => new StatusError(401, 'Unauthorized', 'Unauthorized');

export const expired = (message: string): StatusError => new StatusError(410, 'Expired', message);

const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  408: 'Timeout',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** Any failure, for fault injection. */
export const injected = (code: number, retryAfter: number | undefined): StatusError =>
  new StatusError(code, REASONS[code] ?? 'Unknown', `injected by the test: HTTP ${code}`, {}, retryAfter);
