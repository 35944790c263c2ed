/**
 * Pairs in files of the agent's own pod, as options.
 *
 * **Invariant:** paths are absolute and without `..`; a password is never an option, only where it stands.
 */
import { z } from 'zod';
import type { FilesSpec } from '../model/files-spec.ts';
import { dataKey, directoryPath, duration, filePath } from './fields.ts';

export const files = z
  .strictObject({
    directory: directoryPath().describe(
      'Where the volume is mounted in the agent. Mount the whole of it: by `subPath` it would never show a change.',
    ),
    within: directoryPath()
      .describe(
        'Directory that links may lead to, where they leave `directory`; `directory` stands in it. For writers like certbot, whose links lead to an archive beside it.',
      )
      .optional(),
    fields: z
      .strictObject({
        certificate: dataKey().describe('File with the certificate and its chain, PEM.').optional(),
        key: dataKey().describe('File with the private key, PEM.').optional(),
        ca: dataKey().describe('File with the CAs, PEM.').optional(),
      })
      .describe(
        'Names of the files, where they are none of the accepted shapes (docs/sources.md). What is named here wins; where all three are named, no other file is read.',
      )
      .prefault({}),
    pkcs12: z
      .strictObject({
        file: dataKey().describe('File with the PKCS#12.').prefault('keystore.p12'),
        passwordFile: filePath('File with its password, such as a Secret mounted elsewhere.'),
      })
      .describe('Where the pair is a PKCS#12 file. Refused where OpenSSL runs in FIPS mode.')
      .optional(),
    caFile: filePath(
      'The CA under which the other side shall accept the certificate, PEM, if not beside it: a ConfigMap of trust-manager, mounted.',
    ).optional(),
    poll: duration({
      description:
        'How often names and dates of the files are looked at, whatever the watch says: network file systems tell nothing, and inotify may be refused.',
      atLeast: '1s',
    }).prefault('10s'),
  })
  .describe(
    "A pair in files of the agent's own pod, that a CSI driver, another container or an operator writes.",
  );

export const filesOf = (values: z.output<typeof files>): FilesSpec => ({
  type: 'files',
  directory: values.directory,
  within: values.within,
  fields: values.fields,
  pkcs12: values.pkcs12,
  caFile: values.caFile,
  poll: values.poll,
});
