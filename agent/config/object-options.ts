/**
 * Pairs in Kubernetes objects as options: Secrets and ConfigMaps that others write, and what External Secrets syncs.
 *
 * **Invariant:** every object is named and in the instance's namespace; a password is never an option, only where it stands.
 */
import { z } from 'zod';
import type { KeyReference, PairPlace } from '../model/object-spec.ts';
import { dataKey, objectName } from './fields.ts';

/** Where a CA stands: one key of a Secret or of a ConfigMap. */
export const caReference = (description: string) =>
  z
    .strictObject({
      secret: objectName()
        .describe("Secret in the instance's namespace that holds the CA certificate.")
        .optional(),
      configMap: objectName()
        .describe(
          "ConfigMap in the instance's namespace that holds it, such as the target of a trust-manager Bundle.",
        )
        .optional(),
      key: dataKey().describe('Key of that object.').prefault('ca.crt'),
    })
    .check((context) => {
      const { secret, configMap } = context.value;
      if ((secret === undefined) !== (configMap === undefined)) return;
      context.issues.push({
        code: 'custom',
        input: context.value,
        params: {
          found: secret === undefined ? 'neither secret nor configMap' : 'secret and configMap at once',
        },
      });
    })
    .meta({ allowed: 'one of secret and configMap, and key' })
    .describe(description);

const fields = z
  .strictObject({
    certificate: dataKey().describe('Key with the certificate and its chain, PEM.').optional(),
    key: dataKey().describe('Key with the private key, PEM.').optional(),
    ca: dataKey().describe('Key with the CAs, PEM.').optional(),
  })
  .describe(
    'Names of the keys, where they are none of the accepted shapes (docs/sources.md). What is named here wins.',
  )
  .prefault({});

const pkcs12 = z
  .strictObject({
    key: dataKey().describe('Key with the PKCS#12.').prefault('keystore.p12'),
    password: z
      .strictObject({
        secret: objectName().describe("Secret in the instance's namespace that holds its password."),
        key: dataKey().describe('Key of that Secret.').prefault('password'),
      })
      .describe('Where its password stands.'),
  })
  .describe('Where the pair is a PKCS#12 file. Refused where OpenSSL runs in FIPS mode.')
  .optional();

const place = {
  fields,
  pkcs12,
  ca: caReference(
    'Where the CA stands under which the other side shall accept the certificate, if not beside it.',
  ).optional(),
};

export const secret = z
  .strictObject({
    name: objectName().describe("Name of the Secret in the instance's namespace."),
    ...place,
  })
  .describe('A pair in a Secret that somebody else writes: by hand, by GitOps, by any tool.');

export const configMap = z
  .strictObject({
    name: objectName().describe("Name of the ConfigMap in the instance's namespace."),
    ...place,
  })
  .describe('A pair in a ConfigMap. It works, and is flagged: keys do not belong where so many may read.');

export const externalSecret = z
  .strictObject({
    name: objectName().describe(
      "Name of the ExternalSecret in the instance's namespace. Its Secret is read while it is Ready.",
    ),
    target: objectName()
      .describe("Name of its Secret, where that is another than the ExternalSecret's; for the Role.")
      .optional(),
    ...place,
  })
  .describe('A pair in a Secret that External Secrets syncs.');

type PlaceValues = Pick<z.output<typeof secret>, 'fields' | 'pkcs12' | 'ca'>;

export const keyReferenceOf = ({
  secret: inSecret,
  configMap: inConfigMap,
  key,
}: z.output<ReturnType<typeof caReference>>): KeyReference =>
  inConfigMap === undefined
    ? { kind: 'Secret', name: inSecret ?? '', key }
    : { kind: 'ConfigMap', name: inConfigMap, key };

export const placeOf = ({ fields: named, pkcs12: keystore, ca }: PlaceValues): PairPlace => ({
  fields: named,
  pkcs12: keystore,
  ca: ca === undefined ? undefined : keyReferenceOf(ca),
});
