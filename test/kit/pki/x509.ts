/**
 * Writes and signs one X.509 certificate exactly as told, however wrong: tests need bad ones too.
 *
 * **Invariant:** nothing is added that the request does not name; an extension that is `undefined` is absent.
 */
import { sign } from 'node:crypto';
import * as der from './der.ts';
import type { KeyPair } from './keys.ts';

export type Hash = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

export interface CertificateRequest {
  /** 1-based, as people say it; 3 has extensions. */
  readonly version: 1 | 3;
  readonly serial: bigint | number;
  /** DER of the names. */
  readonly subject: Uint8Array;
  readonly issuer: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly key: KeyPair;
  readonly signer: KeyPair;
  readonly hash: Hash;
  /** RSASSA-PSS instead of PKCS#1 v1.5, for RSA signers. */
  readonly pss: boolean;
  readonly extensions: readonly Extension[];
  /** DER that takes the place of what would be written there. */
  readonly instead?: CertificateParts | undefined;
}

/** Parts of a certificate that may be written as no sound issuer would. Everything but `outerAlgorithm` is signed as it stands. */
export interface CertificateParts {
  readonly version?: Uint8Array | undefined;
  readonly serial?: Uint8Array | undefined;
  readonly issuer?: Uint8Array | undefined;
  readonly validity?: Uint8Array | undefined;
  readonly publicKey?: Uint8Array | undefined;
  readonly extensions?: Uint8Array | undefined;
  readonly outerAlgorithm?: Uint8Array | undefined;
}

/** DER of a name: `[['CN', 'x'], ['O', 'y']]` in the order written. */
export const name = (parts: readonly (readonly ['CN' | 'O' | 'OU', string])[]): Buffer =>
  der.sequence(
    ...parts.map(([type, value]) =>
      der.set(der.sequence(der.oid({ CN: '2.5.4.3', O: '2.5.4.10', OU: '2.5.4.11' }[type]), der.utf8(value))),
    ),
  );

const RSA: Record<Hash, string> = {
  md5: '1.2.840.113549.1.1.4',
  sha1: '1.2.840.113549.1.1.5',
  sha224: '1.2.840.113549.1.1.14',
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
};
const ECDSA: Record<Hash, string> = {
  md5: '',
  sha1: '1.2.840.10045.4.1',
  sha224: '1.2.840.10045.4.3.1',
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
};
const DIGEST: Record<Hash, readonly [string, number]> = {
  md5: ['1.2.840.113549.2.5', 16],
  sha1: ['1.3.14.3.2.26', 20],
  sha224: ['2.16.840.1.101.3.4.2.4', 28],
  sha256: ['2.16.840.1.101.3.4.2.1', 32],
  sha384: ['2.16.840.1.101.3.4.2.2', 48],
  sha512: ['2.16.840.1.101.3.4.2.3', 64],
};

const algorithm = (signer: KeyPair, hash: Hash, pss: boolean): Buffer => {
  if (signer.spec === 'ed25519') return der.sequence(der.oid('1.3.101.112'));
  if (signer.spec === 'ed448') return der.sequence(der.oid('1.3.101.113'));
  if (!signer.spec.startsWith('rsa')) return der.sequence(der.oid(ECDSA[hash]));
  if (!pss && signer.spec !== 'rsa-pss') return der.sequence(der.oid(RSA[hash]), der.empty());
  const [digest, length] = DIGEST[hash];
  const hashAlgorithm = der.sequence(der.oid(digest), der.empty());
  return der.sequence(
    der.oid('1.2.840.113549.1.1.10'),
    der.sequence(
      der.explicit(0, hashAlgorithm),
      der.explicit(1, der.sequence(der.oid('1.2.840.113549.1.1.8'), hashAlgorithm)),
      der.explicit(2, der.integer(length)),
    ),
  );
};

const signature = (signer: KeyPair, hash: Hash, pss: boolean, content: Uint8Array): Buffer => {
  if (signer.spec.startsWith('ed')) return sign(null, content, signer.privateKey);
  if (signer.spec === 'rsa-pss' || (pss && signer.spec.startsWith('rsa')))
    return sign(hash, content, { key: signer.privateKey, padding: 6, saltLength: DIGEST[hash][1] });
  return sign(hash, content, signer.privateKey);
};

const extensionDer = ({ oid, critical, value }: Extension): Buffer =>
  der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octets(value));

const extensionsDer = (extensions: readonly Extension[]): Uint8Array =>
  extensions.length === 0 ? Buffer.alloc(0) : der.explicit(3, der.sequence(...extensions.map(extensionDer)));

/** The signed certificate's DER. */
export const writeCertificate = (request: CertificateRequest): Buffer => {
  const signed = algorithm(request.signer, request.hash, request.pss);
  const instead = request.instead ?? {};
  const version = request.version === 3 ? der.explicit(0, der.integer(2)) : Buffer.alloc(0);
  const body = der.sequence(
    instead.version ?? version,
    instead.serial ?? der.integer(request.serial),
    signed,
    instead.issuer ?? request.issuer,
    instead.validity ?? der.sequence(der.time(request.notBefore), der.time(request.notAfter)),
    request.subject,
    instead.publicKey ?? request.key.publicKey.export({ type: 'spki', format: 'der' }),
    instead.extensions ?? extensionsDer(request.extensions),
  );
  return der.sequence(
    body,
    instead.outerAlgorithm ?? signed,
    der.bits(signature(request.signer, request.hash, request.pss, body)),
  );
};
