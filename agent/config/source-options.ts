/**
 * Where material comes from, as options: one member for each folder under `integrations/`.
 *
 * **Invariant:** a source is of exactly one kind; what its kind needs stands in its own group.
 */
import { z } from 'zod';
import { exactlyOne } from './exactly-one.ts';
import { dataKey, kubernetesLabels, objectName } from './fields.ts';
import { files } from './file-options.ts';
import { caReference, configMap, externalSecret, secret } from './object-options.ts';
import { vaultKv, vaultPki } from './vault-options.ts';

const certManager = z
  .strictObject({
    certificate: objectName()
      .describe(
        "Name of the cert-manager Certificate in the instance's namespace. Its Secret is read once the Certificate is Ready. One of `certificate` and `labels` is given.",
      )
      .optional(),
    labels: kubernetesLabels()
      .describe('Labels that exactly one Certificate of that namespace carries, in place of its name.')
      .optional(),
    secret: objectName()
      .describe(
        "Name of the Certificate's Secret, for the Role. Needed with `labels`, and where it is another than the Certificate's name; what the Certificate says counts.",
      )
      .optional(),
    ca: caReference(
      "Where the CA stands, if not in `ca.crt` of the Certificate's Secret: issuers like ACME deliver none, and trust-manager keeps it in a ConfigMap.",
    ).optional(),
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
  .check((context) => {
    const { certificate, labels } = context.value;
    if ((certificate === undefined) !== (labels === undefined)) return;
    context.issues.push({
      code: 'custom',
      input: context.value,
      params: {
        found:
          certificate === undefined ? 'neither certificate nor labels' : 'certificate and labels at once',
      },
    });
  })
  .meta({ allowed: 'one of certificate and labels, and secret, ca, issuerCa, reissue' })
  .describe('Material from cert-manager.');

export const source = (description: string) =>
  exactlyOne({
    certManager: certManager.optional(),
    vaultPki: vaultPki.optional(),
    vaultKv: vaultKv.optional(),
    secret: secret.optional(),
    configMap: configMap.optional(),
    externalSecret: externalSecret.optional(),
    files: files.optional(),
  })
    .describe(description)
    .meta({ same: 'source' });

export type SourceValues = z.output<ReturnType<typeof source>>;
