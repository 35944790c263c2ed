/**
 * Every failure of an API call as one {@link ApiError}, told apart by status and by the Status object's own reasons.
 *
 * **Invariant:** no message contains a Secret's value: for Secrets only field names and reason words of the answer are repeated, never its text.
 */
import { ApiError, type ApiReason, type ErrorKind } from '../model/errors.ts';
import { asObject, numberAt, objectAt, objectsAt, optionalTextAt, parseJson, textAt } from './json.ts';

/** What was asked, in the words of an RBAC rule. */
export interface CallName {
  /** RBAC verb: get, list, watch, create, patch, delete. */
  readonly verb: string;
  /** Resource with subresource: `secrets`, `pods/eviction`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string | undefined;
}

/** An HTTP answer that isn't a success. */
export interface FailedAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

const DEFAULTS: Readonly<Record<ApiReason, { kind: ErrorKind; effect: string; next: string }>> = {
  unauthorized: {
    kind: 'refused',
    effect: 'Nothing was read or written; traffic is as it was.',
    next: 'Give the agent a valid credential: the kubeconfig or service account token was not accepted.',
  },
  forbidden: {
    kind: 'refused',
    effect: 'Nothing was read or written; traffic is as it was. Only this instance is affected.',
    next: 'Grant this verb on this resource in the Role of the namespace, or lower the mode of the instance.',
  },
  'not-found': {
    kind: 'refused',
    effect: 'Nothing was changed.',
    next: 'Create the object, install the missing resource type, or correct the name in the configuration.',
  },
  conflict: {
    kind: 'transient',
    effect: 'Nothing was written: somebody else changed the object in between.',
    next: 'The agent looks again and decides anew.',
  },
  'field-conflict': {
    kind: 'refused',
    effect: 'Nothing was written; what is published stays.',
    next: 'Stop the other manager from writing these fields, or allow adoption in the configuration.',
  },
  gone: {
    kind: 'transient',
    effect: 'A watch fell behind; nothing was changed.',
    next: 'The agent reads the present state and watches from there.',
  },
  invalid: {
    kind: 'refused',
    effect: 'Nothing was written; what is published stays.',
    next: 'Mend what the named fields complain about; an immutable Secret or another type needs a new object.',
  },
  'too-many-requests': {
    kind: 'transient',
    effect: 'Nothing was changed.',
    next: 'The agent tries again later.',
  },
  'server-error': {
    kind: 'transient',
    effect: 'Whether anything was changed is not known until it is read again.',
    next: 'The agent tries again; if it lasts, look at the API server.',
  },
  timeout: {
    kind: 'transient',
    effect: 'Whether anything was changed is not known until it is read again.',
    next: 'The agent tries again; if it lasts, look at the API server and the network.',
  },
  unreachable: {
    kind: 'transient',
    effect: 'Whether anything was changed is not known until it is read again.',
    next: 'The agent tries again; if it lasts, look at the API server address and the network.',
  },
  unexpected: {
    kind: 'broken',
    effect: 'Nothing can be concluded from the answer.',
    next: 'Check that the address is a Kubernetes API server; otherwise report this as a defect.',
  },
};

/** Target of a call for people: `patch secrets argocd/argocd-repo-server-mtls`. */
export const describeCall = (call: CallName): string =>
  `${call.verb} ${call.resource} ${call.namespace}${call.name === undefined ? '' : `/${call.name}`}`;

/** Builds the error for `call` with the standing sentences of `reason`. */
export const apiError = (
  call: CallName,
  reason: ApiReason,
  detail: string,
  extra: {
    readonly status?: number;
    readonly retryAfter?: number | undefined;
    readonly cause?: unknown;
  } = {},
): ApiError => {
  const { kind, effect, next } = DEFAULTS[reason];
  return new ApiError(
    kind,
    { what: `${describeCall(call)} failed: ${detail.replace(/\.$/, '')}.`, effect, next },
    { reason, verb: call.verb, resource: call.resource, status: extra.status, retryAfter: extra.retryAfter },
    extra.cause === undefined ? undefined : { cause: extra.cause },
  );
};

/**
 * Managers named in a field conflict. The API has no field for them: each cause says `conflict with "<manager>" using v1`
 * (apimachinery pkg/util/managedfields/internal/conflict.go, v0.37.2).
 */
const conflictingManagers = (causes: readonly { manager: string; field: string }[]): string => {
  const byManager = new Map<string, string[]>();
  for (const { manager, field } of causes) {
    byManager.set(manager, [...(byManager.get(manager) ?? []), field]);
  }
  return [...byManager].map(([manager, fields]) => `"${manager}" owns ${fields.join(', ')}`).join('; ');
};

const reasonOf = (status: number, fieldConflict: boolean): ApiReason => {
  switch (status) {
    case 401:
      return 'unauthorized';
    case 403:
      return 'forbidden';
    case 404:
      return 'not-found';
    case 409:
      return fieldConflict ? 'field-conflict' : 'conflict';
    case 410:
      return 'gone';
    case 400:
    case 422:
      return 'invalid';
    case 429:
      return 'too-many-requests';
    case 408:
    case 504:
      return 'timeout';
    default:
      return status >= 500 ? 'server-error' : 'unexpected';
  }
};

/** Seconds of a Retry-After header, or of the Status's details, as milliseconds. */
const retryAfterOf = (header: string | undefined, seconds: number): number | undefined => {
  const asked = header === undefined ? seconds : Number(header);
  return Number.isFinite(asked) && asked > 0 ? asked * 1000 : undefined;
};

/** The ApiError for an answer with a failing status. */
export const errorFromAnswer = (call: CallName, answer: FailedAnswer): ApiError => {
  const body = asObject(parseJson(answer.body));
  const isStatus = textAt(body, 'kind') === 'Status';
  const details = objectAt(body, 'details');
  const causes = objectsAt(details, 'causes');
  const conflicts = causes
    .filter((cause) => textAt(cause, 'reason') === 'FieldManagerConflict')
    .map((cause) => ({
      manager: /conflict with "((?:[^"\\]|\\.)*)"/.exec(textAt(cause, 'message'))?.[1] ?? 'another manager',
      field: textAt(cause, 'field'),
    }));
  const reason = reasonOf(answer.status, conflicts.length > 0);
  const fields = causes.map((cause) => `${textAt(cause, 'field')} (${textAt(cause, 'reason')})`).join(', ');
  const word = optionalTextAt(body, 'reason') ?? 'no reason given';
  const detail = (): string => {
    if (!isStatus) return `HTTP ${answer.status} without a Kubernetes status`;
    if (conflicts.length > 0) return conflictingManagers(conflicts);
    if (call.resource.startsWith('secrets') && reason !== 'forbidden' && reason !== 'unauthorized') {
      return `HTTP ${answer.status} ${word}${fields === '' ? '' : ` at ${fields}`}`;
    }
    return `HTTP ${answer.status} ${word}: ${textAt(body, 'message').slice(0, 500)}`;
  };
  const retryAfter = retryAfterOf(answer.retryAfter, numberAt(details, 'retryAfterSeconds'));
  return apiError(call, reason, detail(), { status: answer.status, retryAfter });
};

/** Codes of an error and of what caused it, outermost first (undici wraps the socket's error). */
const codesOf = (error: unknown): readonly string[] => {
  const found: string[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'string') found.push(at.code);
    else found.push(at.name);
  }
  return found;
};

/** True where the connection was refused: the request certainly didn't reach a server. */
export const neverArrived = (error: unknown): boolean =>
  codesOf(error).some((code) => code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN');

/** The ApiError for a call that got no answer. `timedOut`: our own time limit ended it. */
export const errorFromFailure = (call: CallName, error: unknown, timedOut: boolean): ApiError => {
  const codes = codesOf(error);
  if (
    timedOut ||
    codes.some((code) => code === 'ETIMEDOUT' || (code.startsWith('UND_ERR_') && code.includes('TIMEOUT')))
  ) {
    return apiError(call, 'timeout', 'no answer in time', { cause: error });
  }
  return apiError(call, 'unreachable', `no answer (${codes.join(', ') || 'unknown failure'})`, {
    cause: error,
  });
};
