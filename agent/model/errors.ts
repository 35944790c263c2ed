/**
 * Errors are switched on `kind`, never on message text.
 *
 * Transient: trying again may help. Refused: somebody must change something; trying again without that doesn't help.
 * Broken: a defect of ours or an answer that makes no sense.
 */
export type ErrorKind = 'transient' | 'refused' | 'broken';

/** Machine-readable reason of an API failure. */
export type ApiReason =
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'field-conflict'
  | 'gone'
  | 'invalid'
  | 'too-many-requests'
  | 'server-error'
  | 'timeout'
  | 'unreachable'
  | 'unexpected';

export interface ErrorParts {
  /** What happened, with verb and resource where it was an API call. */
  readonly what: string;
  /** What it means for traffic. */
  readonly effect: string;
  /** What to do next. */
  readonly next: string;
}

/** Base of every error the agent raises on purpose. The message reads as one paragraph: what, effect, next. */
export class RotatorError extends Error {
  readonly kind: ErrorKind;
  readonly what: string;
  readonly effect: string;
  readonly next: string;

  constructor(kind: ErrorKind, parts: ErrorParts, options?: ErrorOptions) {
    super(`${parts.what} ${parts.effect} ${parts.next}`, options);
    this.name = 'RotatorError';
    this.kind = kind;
    this.what = parts.what;
    this.effect = parts.effect;
    this.next = parts.next;
  }
}

/** A Kubernetes API call that failed. */
export class ApiError extends RotatorError {
  readonly reason: ApiReason;
  readonly verb: string;
  readonly resource: string;
  readonly status: number | undefined;
  /** Milliseconds the server asked us to wait, where it did. */
  readonly retryAfter: number | undefined;

  constructor(
    kind: ErrorKind,
    parts: ErrorParts,
    call: {
      readonly reason: ApiReason;
      readonly verb: string;
      readonly resource: string;
      readonly status?: number | undefined;
      readonly retryAfter?: number | undefined;
    },
    options?: ErrorOptions,
  ) {
    super(kind, parts, options);
    this.name = 'ApiError';
    this.reason = call.reason;
    this.verb = call.verb;
    this.resource = call.resource;
    this.status = call.status;
    this.retryAfter = call.retryAfter;
  }
}
