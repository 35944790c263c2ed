/** PEM, DER, certificates and keys. */
import { SecretBytes } from '../../../agent/model/secret-bytes.ts';
import { readDer } from '../../../agent/pki/der.ts';
import { detailsOf } from '../../../agent/pki/details.ts';
import { parseCertificateDer, parseCertificates } from '../../../agent/pki/parse.ts';
import { pemBlocks } from '../../../agent/pki/pem.ts';
import { keyBelongsTo, readPrivateKey } from '../../../agent/pki/private-key.ts';
import { verifyChain } from '../../../agent/pki/verify.ts';
import { good, NOON, root } from '../../admission/bad-material/row.ts';
import { BAD_MATERIAL } from '../../admission/bad-material/table.ts';
import { keyPem, makeKey } from '../../kit/pki/index.ts';
import type { Target } from '../target.ts';

let rows:
  | readonly { readonly certificate: string; readonly key: string; readonly anchors: string }[]
  | undefined;
/** The table of bad material, made once. */
export const materials = () => {
  rows ??= BAD_MATERIAL.map((row) => {
    const { certificatePem, key, anchorsPem } = row.raw();
    return { certificate: certificatePem, key: key.reveal(), anchors: anchorsPem };
  });
  return rows;
};
const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

const pems = once(() =>
  materials()
    .flatMap(({ certificate, anchors }) => [certificate, certificate + anchors])
    .map((text) => Buffer.from(text)),
);
const ders = once(() =>
  materials()
    .flatMap(({ certificate }) => {
      try {
        return pemBlocks(certificate).map(({ der }) => der);
      } catch {
        return [];
      }
    })
    .concat([good.der, root.der]),
);
const keys = once(() =>
  [
    ...materials().map(({ key }) => key),
    keyPem(makeKey('rsa-2048', 'fuzz')),
    keyPem(makeKey('rsa-2048', 'fuzz'), 'traditional'),
    keyPem(makeKey('ed25519')),
  ].map((text) => Buffer.from(text)),
);

export const PEM: Target = {
  name: 'PEM',
  seeds: pems,
  form: 'text',
  words: [
    '-----BEGIN CERTIFICATE-----',
    '-----END X509 CERTIFICATE-----',
    'Proc-Type: 4,ENCRYPTED\n',
    '====',
    '\n\n',
  ],
  read: (input) => void pemBlocks(input.toString('utf8')),
};

export const DER: Target = {
  name: 'DER',
  seeds: ders,
  form: 'der',
  words: ['0\u0080', '\u0000\u0000', '\u0003\u0001\u0000'],
  read: (input) => void readDer(input, 'The value'),
};

export const CERTIFICATES: Target = {
  name: 'certificates',
  seeds: ders,
  form: 'der',
  words: [],
  read: (input) => {
    const certificate = parseCertificateDer(input);
    detailsOf(certificate);
    verifyChain({ certificate, intermediates: [] }, [root.certificate], NOON, 'client');
    verifyChain({ certificate: good.certificate, intermediates: [] }, [certificate], NOON, 'serving');
  },
};

export const BUNDLES: Target = {
  name: 'bundles',
  seeds: pems,
  form: 'pem',
  words: [root.pem, good.pem],
  read: (input) => void parseCertificates(input.toString('utf8')),
};

export const KEYS: Target = {
  name: 'private keys',
  seeds: keys,
  form: 'pem',
  words: ['-----BEGIN EC PARAMETERS-----\n', 'Proc-Type: 4,ENCRYPTED\n'],
  read: (input) => {
    const key = readPrivateKey(SecretBytes.ofBytes(input));
    keyBelongsTo(key.pem, good.certificate);
  },
};
