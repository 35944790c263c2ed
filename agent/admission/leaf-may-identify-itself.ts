/**
 * The leaf's extended key usages permit what it is for.
 *
 * **Invariant:** a leaf without that extension is good for anything, as for Go (crypto/x509 verify.go, checkChainForKeyUsage).
 */
import { permits } from '../pki/verify.ts';
import type { Predicate } from './draft.ts';
import { named, refuse } from './refuse.ts';

export const leafMayIdentifyAClient: Predicate = ({ leaf, purpose }) =>
  purpose !== 'client' || permits(leaf, 'client')
    ? undefined
    : refuse(
        'client-auth-missing',
        `${named(leaf)} lacks the usage clientAuth; it permits ${leaf.extendedKeyUsages.join(', ')}.`,
        'repo-server would refuse every call with `bad certificate`.',
        'Add `client auth` to the usages of the Certificate.',
      );

export const leafMayIdentifyAServer: Predicate = ({ leaf, purpose }) =>
  purpose !== 'serving' || permits(leaf, 'serving')
    ? undefined
    : refuse(
        'server-auth-missing',
        `${named(leaf)} lacks the usage serverAuth; it permits ${leaf.extendedKeyUsages.join(', ')}.`,
        'Clients that verify the server would refuse it.',
        'Add `server auth` to the usages of the Certificate.',
      );
