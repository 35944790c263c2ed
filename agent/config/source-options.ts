/**
 * Where material comes from, as options: one member for each folder under `integrations/`.
 *
 * **Invariant:** a source is of exactly one kind; what its kind needs stands in its own group.
 */
import { z } from 'zod';
import { exactlyOne } from './exactly-one.ts';
import { dataKey, objectName } from './fields.ts';
import { configMap, externalSecret, secret } from './object-options.ts';
import { vaultKv, vaultPki } from './vault-options.ts';

const certManager = z
  .strictObject({
    certificate: objectName().describe(
      "Name of the cert-manager Certificate in the instance's namespace. Its Secret is read once the Certificate is Ready.",
    ),
    issuerCa: z
      .strictObject({
        secret: objectName().describe(
          "Secret in the instance's namespace that holds the issuer's present CA certificate. Point it at a copy without the key where you can: who may read a CA Secret has the CA's key.",
        ),
        key: dataKey().describe('Key of that Secret which holds the CA certificate.').prefault('tls.crt'),
      })
      .describe(
        'Where to notice a CA that was replaced before the leafs were issued anew. Without it, the change is noticed with the next leaf.',
      )
      .optional(),
    reissue: z
      .enum(['never', 'when-ca-replaced'])
      .describe(
        'Whether the agent may ask cert-manager to issue the leaf anew (the `Issuing` condition) after its CA was replaced, once the new CA is trusted everywhere. Needs `issuerCa`.',
      )
      .prefault('never'),
  })
  .describe('Material from cert-manager.');

export const source = (description: string) =>
  exactlyOne({
    certManager: certManager.optional(),
    vaultPki: vaultPki.optional(),
    vaultKv: vaultKv.optional(),
    secret: secret.optional(),
    configMap: configMap.optional(),
    externalSecret: externalSecret.optional(),
  })
    .describe(description)
    .meta({ same: 'source' });

export type SourceValues = z.output<ReturnType<typeof source>>;
