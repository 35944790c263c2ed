/**
 * A PKCS#12 opened by its password: leaf, chain and CA as PEM.
 *
 * **Invariant:** node-forge only opens the container; the key goes to node:crypto as PKCS#8, whatever its kind. Nothing of it is used under
 * FIPS, since node-forge's cryptography is not validated.
 *
 * node-forge, because node:crypto can't read PKCS#12 but for a TLS context, which gives nothing back.
 */
import { createPrivateKey } from 'node:crypto';
import forge from 'node-forge';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import { pemText } from '../../agent/pki/pem.ts';
import type { ShapeReading } from './read-shape.ts';
import {
  type Pkcs12Fault,
  pkcs12NotUnderFips,
  pkcs12Unreadable,
  pkcs12WrongPassword,
  tooLarge,
} from './refusals.ts';
import { parted } from './split.ts';
import { unwrapped } from './text.ts';

const LARGEST = 256 * 1024;
/**
 * Rounds of all derivations from the password together. Tools use 2,048 to 600,000 for each of three; the oldest derivation runs in JavaScript,
 * about 200,000 a second. What stands behind the encryption is not counted: who put it there knows the password.
 */
const MOST_ROUNDS = 2_000_000;

type Asn1 = forge.asn1.Asn1;

export interface Pkcs12Context {
  /** Whether OpenSSL is in FIPS mode (`crypto.getFips()`). */
  readonly fips: 'on' | 'off';
  /** Whose value it is, for messages. */
  readonly about: string;
}

const parse = (bytes: Buffer): Asn1 => forge.asn1.fromDer(forge.util.createBuffer(bytes.toString('binary')));

const derOf = (node: Asn1): Buffer => Buffer.from(forge.asn1.toDer(node).getBytes(), 'binary');

/** How many strings within strings are opened. A PKCS#12 has its bags in the second; what lies deeper nobody derives anything for. */
const DEEPEST = 6;

/** Every number of rounds that can be seen without the password: a salt with a number behind it. */
const roundsIn = (node: Asn1, depth = 0): readonly number[] => {
  if (typeof node.value === 'string') {
    if (node.type !== forge.asn1.Type.OCTETSTRING || !node.value.startsWith('0') || depth === DEEPEST)
      return [];
    try {
      return roundsIn(parse(Buffer.from(node.value, 'binary')), depth + 1);
    } catch {
      return [];
    }
  }
  const numbers = node.value.flatMap((child, index, children) => {
    const before = children[index - 1];
    const isRounds = child.type === forge.asn1.Type.INTEGER && before?.type === forge.asn1.Type.OCTETSTRING;
    return isRounds && typeof child.value === 'string'
      ? [Number(BigInt(`0x${Buffer.from(child.value, 'binary').toString('hex') || '0'}`))]
      : [];
  });
  return [...numbers, ...node.value.flatMap((child) => roundsIn(child, depth))];
};

const keyPem = (der: Buffer): SecretBytes | undefined => {
  try {
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    return SecretBytes.of(key.export({ type: 'pkcs8', format: 'pem' }).toString());
  } catch {
    return undefined;
  }
};

const bagsOf = (store: forge.pkcs12.Pkcs12Pfx, type: string | undefined): readonly forge.pkcs12.Bag[] =>
  type === undefined ? [] : (store.getBags({ bagType: type })[type] ?? []);

/** A bag's content as DER: node-forge understands RSA keys and certificates, and leaves others as they are. */
const keyDer = ({ key, asn1 }: forge.pkcs12.Bag): Buffer =>
  key === undefined || key === null
    ? derOf(asn1)
    : derOf(forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(key)));

const certificateDer = ({ cert, asn1 }: forge.pkcs12.Bag): Buffer =>
  derOf(cert === undefined || cert === null ? asn1 : forge.pki.certificateToAsn1(cert));

const contentOf = (store: forge.pkcs12.Pkcs12Pfx, about: string): ShapeReading => {
  const { keyBag, pkcs8ShroudedKeyBag, certBag } = forge.pki.oids;
  const keys = [...bagsOf(store, pkcs8ShroudedKeyBag), ...bagsOf(store, keyBag)];
  const certificates = bagsOf(store, certBag);
  const [first] = keys;
  if (first === undefined || keys.length > 1 || certificates.length === 0)
    return {
      refusal: pkcs12Unreadable(
        about,
        `it holds ${keys.length} private keys and ${certificates.length} certificates`,
      ),
    };
  const key = keyPem(keyDer(first));
  if (key === undefined)
    return { refusal: pkcs12Unreadable(about, 'it holds a private key that OpenSSL does not read') };
  const pem = certificates.map((bag) => pemText('CERTIFICATE', certificateDer(bag))).join('');
  return { found: { ...parted(pem), key } };
};

/** node-forge's errors have no codes. Its sentences are told apart here, once; an unknown one is told as damage. */
const faultOf = (error: unknown): Pkcs12Fault => {
  const text = error instanceof Error ? error.message : '';
  if (/password|MAC could not be verified|Unable to decrypt/i.test(text)) return 'password';
  return /unsupported|unknown|not support/i.test(text) ? 'unsupported' : 'damaged';
};

/** @param password as its Secret holds it; one line break at its end is taken off. */
export const readPkcs12 = (
  value: SecretBytes,
  password: SecretBytes,
  { fips, about }: Pkcs12Context,
): ShapeReading => {
  if (fips === 'on') return { refusal: pkcs12NotUnderFips(about) };
  if (value.length > 2 * LARGEST) return { refusal: tooLarge(about, value.length, LARGEST) };
  let container: Asn1;
  try {
    container = parse(unwrapped(value).revealBytes());
  } catch {
    return { refusal: pkcs12Unreadable(about, 'it is no DER') };
  }
  const rounds = roundsIn(container).reduce((sum, of) => sum + of, 0);
  if (rounds > MOST_ROUNDS)
    return {
      refusal: pkcs12Unreadable(about, `its password would take ${rounds} rounds, more than ${MOST_ROUNDS}`),
    };
  try {
    const store = forge.pkcs12.pkcs12FromAsn1(container, false, password.reveal().replace(/\r?\n$/, ''));
    return contentOf(store, about);
  } catch (error) {
    switch (faultOf(error)) {
      case 'password':
        return { refusal: pkcs12WrongPassword(about) };
      case 'unsupported':
        return { refusal: pkcs12Unreadable(about, 'it is encrypted in a way that is not understood') };
      case 'damaged':
        return { refusal: pkcs12Unreadable(about, 'it is damaged, or something else than PKCS#12') };
    }
  }
};
