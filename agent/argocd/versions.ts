/**
 * Which Argo CD a workload runs, as far as its image or labels tell.
 *
 * **Invariant:** unknown is unknown: a digest, `latest`, or a tag of somebody's own image is no version.
 */
import type { PodTemplate } from '../model/workload.ts';

export type Version =
  | {
      readonly known: true;
      readonly major: number;
      readonly minor: number;
      readonly patch: number;
      /** As found, with its prefix and suffix. */
      readonly text: string;
      readonly from: 'image' | 'label';
    }
  | { readonly known: false; readonly why: string };

/** First release in which components mount `argocd-repo-server-mtls` (manifests/ at v3.5.0). */
export const FIRST_WITH_MTLS = { major: 3, minor: 5 } as const;

const VERSION_LABEL = 'app.kubernetes.io/version';

interface Parts {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** `v3.6.1`, `3.6.1`, `v3.5.0-rc1`, `3.6.1-custom.2`; nothing else. */
function parse(text: string): Parts | undefined {
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)\.(\d+)(?:[-+.].*)?$/.exec(text) ?? [];
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  return { major: Number(major), minor: Number(minor), patch: Number(patch) };
}

/** Repository's last segment and tag: `host:5000/argoproj/argocd:v3.6.1@sha256:…` → `argocd`, `v3.6.1`. */
export function imageParts(image: string): { readonly name: string; readonly tag: string | undefined } {
  const withoutDigest = image.split('@', 1)[0] ?? '';
  const last = withoutDigest.slice(withoutDigest.lastIndexOf('/') + 1);
  const colon = last.indexOf(':');
  return colon < 0
    ? { name: last, tag: undefined }
    : { name: last.slice(0, colon), tag: last.slice(colon + 1) };
}

/**
 * The version by the image's tag where the image is named like Argo CD's and the tag is a version of Argo CD 2 or later
 * (a smaller one is somebody's own numbering), else by the label `app.kubernetes.io/version` of the template or workload.
 */
export function versionOf(
  image: string,
  labels: Readonly<Record<string, string>>,
  template: Pick<PodTemplate, 'labels'> | undefined,
): Version {
  const { name, tag } = imageParts(image);
  if (name.includes('argocd') && tag !== undefined) {
    const parts = parse(tag);
    if (parts !== undefined && parts.major >= 2) return { known: true, ...parts, text: tag, from: 'image' };
  }
  const label = template?.labels[VERSION_LABEL] ?? labels[VERSION_LABEL];
  if (label !== undefined) {
    const parts = parse(label);
    if (parts !== undefined && parts.major >= 2) return { known: true, ...parts, text: label, from: 'label' };
  }
  return { known: false, why: `neither the image ${image} nor a ${VERSION_LABEL} label names a version` };
}

/** Whether this version has repo-server mTLS. A release candidate counts as its release. */
export function hasMtls(version: Version): 'yes' | 'no' | 'unknown' {
  if (!version.known) return 'unknown';
  if (version.major !== FIRST_WITH_MTLS.major) return version.major > FIRST_WITH_MTLS.major ? 'yes' : 'no';
  return version.minor >= FIRST_WITH_MTLS.minor ? 'yes' : 'no';
}
