/**
 * What real calls showed about one process.
 *
 * What is read at start can't change while the process lives, so a proof belongs to a container id and stays true as long as that id does.
 */
import type { Fingerprint } from './fingerprint.ts';
import type { Instant } from './terms.ts';

/** Who a call pretends to be. */
export type Credential =
  | { readonly as: 'nobody' }
  /** A certificate under a CA that was made on the spot and is trusted by no one. */
  | { readonly as: 'stranger' }
  | { readonly as: 'leaf'; readonly leaf: Fingerprint };

/** The TLS alert or failure behind a refusal, as the field names it. */
export type Alert =
  | 'certificate-required'
  | 'unknown-ca'
  | 'certificate-expired'
  | 'bad-certificate'
  | 'handshake-failure'
  | 'other';

export type CallOutcome =
  /** The call was answered: the certificate (or its absence) was accepted. */
  | { readonly result: 'accepted' }
  /** The server refused the credential by a TLS alert. */
  | { readonly result: 'refused'; readonly alert: Alert; readonly detail: string }
  /** Nothing can be concluded: connection refused, reset, time-out, a proxy in the way. */
  | { readonly result: 'unknown'; readonly why: string };

export interface Call {
  readonly credential: Credential;
  readonly outcome: CallOutcome;
  /** Leaf certificate that the server presented, where the handshake got that far. */
  readonly presented: Fingerprint | undefined;
  /** Left out unless that is the kind of certificate that repo-server makes for itself where it is given none. */
  readonly selfMade?: true | undefined;
  readonly at: Instant;
  readonly duration: number;
}

/** Everything that was asked of one repo-server process. */
export interface PodProof {
  readonly pod: string;
  readonly podUid: string;
  readonly containerId: string;
  readonly calls: readonly Call[];
}
