/**
 * The product's names, each in one constant. Nothing else spells them out.
 */

/** Product name as it appears in titles, user agents and resource names. */
export const PRODUCT = 'argocd-mtls-rotator';

/** Name of the command. */
export const COMMAND = 'mtls-rotator';

/** Field manager of every server-side apply. Ownership of fields is decided by this word, so it never changes between versions. */
export const FIELD_MANAGER = 'argocd-mtls-rotator';

/** Prefix of every annotation and label that the agent writes or reads as its own. */
export const ANNOTATION_PREFIX = 'argocd-mtls-rotator.dev';

/** apiVersion of the configuration file. */
export const CONFIG_API_VERSION = 'mtls-rotator/v1alpha1';
export const CONFIG_KIND = 'RotatorConfig';
export const SIDECAR_CONFIG_KIND = 'SidecarConfig';

/** Annotations, all under {@link ANNOTATION_PREFIX}. */
export const ANNOTATION = {
  /** On a pod template: `<rotation id>.<fingerprint of what the new pods must load>.<attempt>`. A record of intent, never evidence. */
  restart: `${ANNOTATION_PREFIX}/restart`,
  /** On a pod template: RFC 3339 instant at which the restart was asked for; rollout deadlines count from it. */
  restartedAt: `${ANNOTATION_PREFIX}/restarted-at`,
  /** On a published Secret: id of the rotation that wrote it last. */
  rotation: `${ANNOTATION_PREFIX}/rotation`,
  /** On a published Secret: W3C trace id of that rotation. */
  traceId: `${ANNOTATION_PREFIX}/trace-id`,
  /**
   * On a published object: JSON, for each file what was published since when (see `model/publication.ts`).
   * Written in the same apply as the content, so that a crash can't separate the two.
   */
  history: `${ANNOTATION_PREFIX}/history`,
  /** On a Lease by which replicas take turns: uids of those that lived when the turn was taken, with commas between. */
  replicas: `${ANNOTATION_PREFIX}/replicas`,
  /** On the orders ConfigMap: digest of the plan that is approved, as `plan` shows it. */
  approvedPlan: `${ANNOTATION_PREFIX}/approved-plan`,
  /** On the orders ConfigMap: who approves. */
  approvedBy: `${ANNOTATION_PREFIX}/approved-by`,
  /** On the orders ConfigMap: id of the change in the organisation's own change management; optional. */
  change: `${ANNOTATION_PREFIX}/change`,
  /** On the orders ConfigMap: why the instance is paused; empty or absent where it is not. */
  paused: `${ANNOTATION_PREFIX}/paused`,
  /** On the orders ConfigMap: who paused or resumed it. */
  pausedBy: `${ANNOTATION_PREFIX}/paused-by`,
} as const;
