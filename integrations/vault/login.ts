/**
 * The ways to a token: which request each login makes, and what its answer means.
 *
 * **Invariant:** credentials are read from their files at each login and kept nowhere.
 */
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { Duration } from '../../agent/model/terms.ts';
import type { VaultAuth, VaultConnectionSettings } from '../../agent/model/vault-spec.ts';
import { groupOf, textOf } from './answer.ts';
import { errorCode } from './error-code.ts';
import type { CredentialFiles, VaultRequest } from './exchange.ts';
import { VaultFailure } from './failure.ts';

export interface Grant {
  readonly token: SecretBytes;
  /** `undefined`: it does not end by itself. */
  readonly lease: Duration | undefined;
  readonly renewable: boolean;
}

/** The text of a credential's file. @throws VaultFailure */
export const readCredential = async (
  connection: string,
  files: CredentialFiles,
  path: string,
  what: string,
): Promise<SecretBytes> => {
  let text: SecretBytes;
  try {
    text = await files.read(path);
  } catch (error) {
    throw new VaultFailure(
      'credential-file',
      `The file ${path} with ${what} for Vault ${connection} can't be read (${errorCode(error)}).`,
      'Mount it into the agent, readable for its user, or correct the path in the configuration.',
    );
  }
  const isEmpty = text.length === 0;
  // Tokens, JWTs and ids are of letters, digits and signs; what a header can't carry is none of them.
  if (!isEmpty && /^[\x21-\x7e]+$/.test(text.reveal())) return text;
  throw new VaultFailure(
    'credential-file',
    `The file ${path} with ${what} for Vault ${connection} ${isEmpty ? 'is empty' : 'holds more than one word, or signs that none has'}.`,
    'See what should have filled it; the agent reads it again at its next try.',
  );
};

/** The login of a method that has one. @throws VaultFailure where a file can't be read */
export const loginRequest = async (
  { name, auth }: VaultConnectionSettings & { readonly auth: Exclude<VaultAuth, { method: 'tokenFile' }> },
  files: CredentialFiles,
): Promise<VaultRequest> => {
  const bodyOf = async (): Promise<Readonly<Record<string, string>>> => {
    if (auth.method !== 'appRole') {
      const jwt = await readCredential(name, files, auth.tokenFile, 'the token');
      return { role: auth.role, jwt: jwt.reveal() };
    }
    const { roleId, secretIdFile } = auth;
    return {
      role_id:
        'value' in roleId
          ? roleId.value
          : (await readCredential(name, files, roleId.file, 'the RoleID')).reveal(),
      secret_id: (await readCredential(name, files, secretIdFile, 'the SecretID')).reveal(),
    };
  };
  return {
    method: 'POST',
    path: `auth/${auth.mount}/login`,
    body: SecretBytes.of(JSON.stringify(await bodyOf())),
  };
};

/** `auth` of a login's or a renewal's answer; `undefined` where there is none. */
export const grantOf = (content: Readonly<Record<string, unknown>>): Grant | undefined => {
  const auth = groupOf(content.auth);
  const token = textOf(auth.client_token);
  if (token === undefined) return undefined;
  const seconds = typeof auth.lease_duration === 'number' ? auth.lease_duration : 0;
  return {
    token: SecretBytes.of(token),
    lease: seconds > 0 ? seconds * 1000 : undefined,
    renewable: auth.renewable === true,
  };
};
