/**
 * Credentials as they stand on disk now.
 *
 * **Invariant:** nothing is kept: a file that was replaced is seen at the next reading.
 */
import { readFile } from 'node:fs/promises';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { CredentialFiles } from './exchange.ts';

export const credentialFiles: CredentialFiles = {
  read: async (path) => SecretBytes.of((await readFile(path, 'utf8')).trim()),
};
