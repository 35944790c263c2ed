/**
 * The serving certificate names every host that a client dials.
 *
 * **Invariant:** the common name never counts, as for Go; the announcement's openssl recipe fails for just that.
 */
import { coversHost } from '../pki/hostname.ts';
import type { Predicate } from './draft.ts';
import { named, refuse } from './refuse.ts';

export const leafNamesWhatIsDialled: Predicate = ({ leaf, purpose, dialledNames }) => {
  if (purpose !== 'serving') return undefined;
  const missing = dialledNames.filter((host) => !coversHost(leaf, host));
  if (missing.length === 0) return undefined;
  const found = [...leaf.dnsNames, ...leaf.ipAddresses];
  return refuse(
    'san-missing',
    `${named(leaf)} does not name ${missing.join(', ')}; its subject alternative names are ${found.length > 0 ? found.join(', ') : 'none'}.`,
    'Clients that verify the server would refuse it.',
    `Add ${missing.map((host) => `\`${host}\``).join(', ')} to \`dnsNames\` of the Certificate; the common name is not looked at.`,
  );
};
