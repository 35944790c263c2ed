/**
 * The objects by name that a source reads, as its configuration gives them: what the Role has to name, and what nothing may write.
 *
 * **Invariant:** every object that a source reads and the configuration names is here; what only the cluster knows (a Certificate's Secret) is not.
 */
import type { KeyReference, PairPlace } from '../model/object-spec.ts';
import type { SourceSpec } from '../model/settings.ts';

export interface NamedObject {
  readonly kind: KeyReference['kind'];
  readonly name: string;
  /** The option that names it, below the source's kind. */
  readonly option: readonly string[];
  /** What it is used for. */
  readonly why: string;
}

const caOf = (ca: KeyReference | undefined): readonly NamedObject[] =>
  ca === undefined
    ? []
    : [
        {
          kind: ca.kind,
          name: ca.name,
          option: ['ca', ca.kind === 'Secret' ? 'secret' : 'configMap'],
          why: 'read the CA',
        },
      ];

const placeOf = ({ pkcs12, ca }: PairPlace): readonly NamedObject[] => [
  ...(pkcs12 === undefined
    ? []
    : [
        {
          kind: 'Secret',
          name: pkcs12.password.secret,
          option: ['pkcs12', 'password', 'secret'],
          why: 'read the password of the PKCS#12',
        } as const,
      ]),
  ...caOf(ca),
];

export const readObjects = (spec: SourceSpec): readonly NamedObject[] => {
  switch (spec.type) {
    case 'certManager':
      return [
        ...(spec.secret === undefined
          ? []
          : [{ kind: 'Secret', name: spec.secret, option: ['secret'], why: 'read its material' } as const]),
        ...caOf(spec.ca),
        ...(spec.issuerCa === undefined
          ? []
          : [
              {
                kind: 'Secret',
                name: spec.issuerCa.secret,
                option: ['issuerCa', 'secret'],
                why: 'notice a replaced CA',
              } as const,
            ]),
      ];
    case 'secret':
      return [
        { kind: 'Secret', name: spec.name, option: ['name'], why: 'read its material' },
        ...placeOf(spec),
      ];
    case 'configMap':
      return [
        { kind: 'ConfigMap', name: spec.name, option: ['name'], why: 'read its material' },
        ...placeOf(spec),
      ];
    case 'externalSecret':
      return [
        {
          kind: 'Secret',
          name: spec.target ?? spec.name,
          option: [spec.target === undefined ? 'name' : 'target'],
          why: 'read its material',
        },
        ...placeOf(spec),
      ];
    case 'vaultPki':
    case 'vaultKv':
    case 'files':
      return [];
  }
};
