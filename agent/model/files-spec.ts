/**
 * A pair in files of the agent's own pod, which a CSI driver or another container writes.
 */
import type { ShapeFields } from './shape-fields.ts';
import type { Duration } from './terms.ts';

export interface FilesSpec {
  readonly type: 'files';
  /** Absolute path of the mounted directory. */
  readonly directory: string;
  /** Where links may lead; `undefined`: the directory itself. */
  readonly within: string | undefined;
  /** Names of the files, where the table of accepted shapes doesn't have them. */
  readonly fields: ShapeFields;
  /** Where the pair is a PKCS#12; `fields` don't count then. */
  readonly pkcs12: { readonly file: string; readonly passwordFile: string } | undefined;
  /** Absolute path of the CA, if not beside the pair. */
  readonly caFile: string | undefined;
  /** How often names and dates are looked at, whatever a watch says. */
  readonly poll: Duration;
}
