/** PEM as editors, scripts and proxies leave it. */
import { SecretBytes } from '../../../agent/model/secret-bytes.ts';
import { pemBlock } from '../../kit/pki/index.ts';
import { client, good, goodRaw, type Row, root, server, TAKEN, WRITTEN_ANEW } from './row.ts';

const secret = SecretBytes.of;
const NO_CERTIFICATE = 'tls: failed to find any PEM data in certificate input';
const NO_KEY = 'tls: failed to find any PEM data in key input';
const crlf = (text: string): string => text.replaceAll('\n', '\r\n');
const indented = (text: string): string => text.replaceAll(/^/gm, '  ');
const oneLine = (pem: string): string =>
  pem.replace(/(-----BEGIN .*-----\n)([\s\S]*?)(\n-----END)/g, (_, begin, body, end) =>
    [begin, String(body).replaceAll('\n', ''), end].join(''),
  );

export const TEXTS: readonly Row[] = [
  {
    name: 'CRLF line ends in all files',
    role: 'client',
    by: 'kit',
    raw: () =>
      goodRaw({
        certificatePem: crlf(good.chainPem),
        key: secret(crlf(good.keyPem)),
        anchorsPem: crlf(root.pem),
      }),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a byte order mark before the certificate',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: `\uFEFF${good.pem}` }),
    admission: 'accepted',
    go: client(NO_CERTIFICATE),
    differs: WRITTEN_ANEW,
  },
  {
    name: 'a byte order mark before the key',
    role: 'serving',
    by: 'kit',
    raw: () => goodRaw({ key: secret(`\uFEFF${good.keyPem}`) }),
    admission: 'accepted',
    go: server(NO_KEY),
    differs: WRITTEN_ANEW,
  },
  {
    name: 'a byte order mark before the CA',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ anchorsPem: `\uFEFF${root.pem}` }),
    admission: 'accepted',
    go: server('invalid cert data'),
    differs: WRITTEN_ANEW,
  },
  {
    name: 'garbage behind the last block',
    role: 'client',
    by: 'kit',
    raw: () =>
      goodRaw({
        certificatePem: `${good.pem}garbage\n`,
        key: secret(`${good.keyPem}garbage`),
        anchorsPem: `${root.pem}\u0000\u0001garbage`,
      }),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'text before the certificate, as `openssl x509 -text` prints it',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: `Certificate:\n    Data:\n        Version: 3 (0x2)\n${good.pem}` }),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'no line end behind the last line',
    role: 'client',
    by: 'kit',
    raw: () =>
      goodRaw({
        certificatePem: good.pem.trimEnd(),
        key: secret(good.keyPem.trimEnd()),
        anchorsPem: root.pem.trimEnd(),
      }),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'two blocks with no line end between them',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ anchorsPem: root.pem.trimEnd() + root.pem }),
    admission: 'unreadable',
    go: server('invalid cert data'),
  },
  {
    name: 'base64 in one line',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: oneLine(good.pem), key: secret(oneLine(good.keyPem)) }),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'PEM that is indented, as copied out of YAML',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: indented(good.pem) }),
    admission: 'accepted',
    go: client(NO_CERTIFICATE),
    differs: WRITTEN_ANEW,
  },
  {
    name: 'a letter in the base64 that is none',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: good.pem.replace('MII', 'M!I') }),
    admission: 'unreadable',
    go: client(NO_CERTIFICATE),
  },
  {
    name: 'a certificate that is cut off',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: good.pem.slice(0, 300) }),
    admission: 'unreadable',
    go: client(NO_CERTIFICATE),
  },
  {
    name: 'a damaged certificate in the CA bundle beside a good one',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ anchorsPem: root.pem + pemBlock('CERTIFICATE', Buffer.from('3003020101', 'hex')) }),
    admission: 'unreadable',
    go: TAKEN,
    differs: 'Go skips the damaged one without a word: a CA that somebody meant to trust would be missing.',
  },
  {
    name: 'bytes behind the certificate inside its block',
    role: 'client',
    by: 'kit',
    raw: () =>
      goodRaw({ certificatePem: pemBlock('CERTIFICATE', Buffer.concat([good.der, Buffer.from([0, 0])])) }),
    admission: 'unreadable',
    go: client('x509: trailing data'),
  },
  {
    name: 'the label X509 CERTIFICATE',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: good.pem.replaceAll('CERTIFICATE', 'X509 CERTIFICATE') }),
    admission: 'accepted',
    go: client('tls: failed to find "CERTIFICATE" PEM block'),
    differs: WRITTEN_ANEW,
  },
  {
    name: 'the label in small letters',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: good.pem.replaceAll('CERTIFICATE', 'certificate') }),
    admission: 'unreadable',
    go: client('tls: failed to find'),
  },
  {
    name: 'a label that looks alike, with a Cyrillic letter',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: good.pem.replaceAll('CERTIFICATE', 'CERTIFIC\u0410TE') }),
    admission: 'unreadable',
    go: client('tls: failed to find'),
  },
  {
    name: 'dashes that look alike',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: good.pem.replaceAll('-----', '\u2010\u2010\u2010\u2010\u2010') }),
    admission: 'unreadable',
    go: client(NO_CERTIFICATE),
  },
  {
    name: 'NULs between the lines',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: good.pem.replaceAll('\n', '\u0000\n') }),
    admission: 'unreadable',
    go: client(NO_CERTIFICATE),
  },
  {
    name: 'RFC 1421 headers in the certificate',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: good.pem.replace('-----\n', '-----\nComment: x\n\n') }),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'RFC 1421 headers in a CA',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ anchorsPem: root.pem.replace('-----\n', '-----\nComment: x\n\n') }),
    admission: 'accepted',
    go: server('invalid cert data'),
    differs: WRITTEN_ANEW,
  },
  {
    name: 'DER instead of PEM',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: good.der.toString('latin1') }),
    admission: 'unreadable',
    go: client(NO_CERTIFICATE),
  },
  {
    name: 'base64 put on twice',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: Buffer.from(good.pem).toString('base64') }),
    admission: 'unreadable',
    go: client(NO_CERTIFICATE),
  },
  {
    name: "a proxy's HTML page",
    role: 'serving',
    by: 'kit',
    raw: () => goodRaw({ anchorsPem: '<!doctype html><html><body>502 Bad Gateway</body></html>' }),
    admission: 'unreadable',
    go: client('invalid cert data'),
  },
  {
    name: 'UTF-16',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: Buffer.from(good.pem, 'utf16le').toString('latin1') }),
    admission: 'unreadable',
    go: client(NO_CERTIFICATE),
  },
  {
    name: 'a certificate larger than a handshake carries',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: good.pem + '# comment\n'.repeat(7000) }),
    admission: 'too-large',
    go: TAKEN,
    differs:
      'Go skips the comments. A text of that size is a mistake, and it would take the place of what else the Secret holds.',
  },
];
