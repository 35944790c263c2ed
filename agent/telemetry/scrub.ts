/**
 * The last look at text before it leaves the process.
 *
 * **Invariant:** no private key passes, whatever an error message or a note dragged along. Keys are kept out of text long before this;
 * here is where a mistake would be caught.
 */
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g;
/** The same, base64 of the PEM, as it stands in a Secret: `LS0tLS1CRUdJTi…` is `-----BEGIN`. */
const ENCODED_PEM = /LS0tLS1CRUdJTi[A-Za-z0-9+/=]*/g;

export const scrub = (text: string): string =>
  text.replaceAll(PRIVATE_KEY, '[secret]').replaceAll(ENCODED_PEM, '[secret]');
