/**
 * A pair that stands in a Kubernetes object which the agent only reads: where it is, and in which form.
 *
 * **Invariant:** every object is named, so that the Role can name it; all of them are in the instance's namespace.
 */
import type { ShapeFields } from './shape-fields.ts';

/** One key of a Secret or of a ConfigMap. */
export interface KeyReference {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  readonly key: string;
}

export interface Pkcs12Place {
  /** Key that holds the PKCS#12. */
  readonly key: string;
  readonly password: { readonly secret: string; readonly key: string };
}

export interface PairPlace {
  /** Names of the keys, where the table of accepted shapes doesn't have them. */
  readonly fields: ShapeFields;
  /** Where the pair is a PKCS#12; `fields` don't count then. */
  readonly pkcs12: Pkcs12Place | undefined;
  /** Where the CA stands, if not beside the pair. */
  readonly ca: KeyReference | undefined;
}

/** A Secret that somebody else writes: by hand, by GitOps, by any tool. */
export interface SecretSpec extends PairPlace {
  readonly type: 'secret';
  readonly name: string;
}

/** As {@link SecretSpec}, in a ConfigMap, where a key is readable for more people than it should be. */
export interface ConfigMapSpec extends PairPlace {
  readonly type: 'configMap';
  readonly name: string;
}

/** A Secret that External Secrets writes, with the conditions of its ExternalSecret. */
export interface ExternalSecretSpec extends PairPlace {
  readonly type: 'externalSecret';
  /** Name of the ExternalSecret. */
  readonly name: string;
  /** Name of its Secret, for the Role; `undefined`: the same. What the ExternalSecret says counts. */
  readonly target: string | undefined;
}
