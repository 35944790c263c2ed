/**
 * Why files could not be written, in words for the person who has to mend it.
 *
 * **Invariant:** every one of them says that the files from before are still there; none shows content.
 */
import { RotatorError } from '../../model/errors.ts';
import { errorCode } from './file-system.ts';

interface Cause {
  readonly kind: 'transient' | 'refused';
  readonly what: string;
  readonly next: string;
}

const CAUSES: Readonly<Record<string, Cause>> = {
  ENOSPC: {
    kind: 'transient',
    what: 'there is no space left',
    next: 'Free space on the node, or raise `sizeLimit` of the emptyDir: it holds the old and the new files at once.',
  },
  EDQUOT: {
    kind: 'transient',
    what: 'the quota is used up',
    next: 'Raise the quota: the directory holds the old and the new files at once.',
  },
  EROFS: {
    kind: 'refused',
    what: 'it is read-only',
    next: 'Take `readOnly` off the mount in the sidecar, and mount an emptyDir there, not a Secret.',
  },
  EACCES: {
    kind: 'refused',
    what: 'the sidecar may not write there',
    next: "Run the sidecar as Argo CD's user (999), or give the pod an `fsGroup`.",
  },
  EPERM: {
    kind: 'refused',
    what: 'the sidecar may not give files that owner, group or mode',
    next: 'Leave `files.owner` out, name a `files.group` that the sidecar is in, or add the capability CHOWN.',
  },
  ENOENT: {
    kind: 'refused',
    what: 'it is not there',
    next: 'Mount an emptyDir at that path into the sidecar, or correct `output`.',
  },
  ENOTDIR: {
    kind: 'refused',
    what: 'it is no directory',
    next: 'Mount an emptyDir at that path into the sidecar, without `subPath`.',
  },
};

/** What a failed write comes to; what was thrown on purpose stays as it is. */
export const writeError = (directory: string, error: unknown): RotatorError => {
  if (error instanceof RotatorError) return error;
  const code = errorCode(error);
  const cause = CAUSES[code] ?? {
    kind: 'transient',
    what: `the file system answered ${code === '' ? 'with an error' : code}`,
    next: 'The sidecar tries again; if it lasts, look at the node.',
  };
  return new RotatorError(
    cause.kind,
    {
      what: `Files could not be written to ${directory}: ${cause.what}.`,
      effect: 'Nothing is half-written: what was there before is still read, and goes on until it expires.',
      next: cause.next,
    },
    { cause: error },
  );
};

/** Something stands where a link of ours belongs. */
export const foreignFile = (path: string): RotatorError =>
  new RotatorError('refused', {
    what: `${path} is there and is no link of the sidecar's.`,
    effect: 'Nothing was written; Argo CD reads what stands there.',
    next: 'Mount an empty emptyDir there, or take that file away.',
  });
