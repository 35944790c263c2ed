/**
 * Why a sidecar leaves something undone, or did it with less certainty than it should have.
 */

export const SIDECAR_HOLD_CODES = [
  'material-waiting',
  'material-refused',
  'source-unreachable',
  'leaf-not-trusted',
  'leaf-unproven',
  'restart-pending',
  'restart-would-not-come-back',
  'restart-blocked',
  'api-unreachable',
  'begun-unproven',
  'not-written',
] as const;
export type SidecarHoldCode = (typeof SIDECAR_HOLD_CODES)[number];

export interface SidecarHold {
  readonly code: SidecarHoldCode;
  /** What happened, with names. */
  readonly what: string;
  /** What it means for traffic. */
  readonly effect: string;
  readonly next: string;
}
