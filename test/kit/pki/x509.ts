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

/** The signed certificate's DER. */
export const writeCertificate = (request: CertificateRequest): Buffer => {
  const signed = algorithm(request.signer, request.hash, request.pss);
  const body = der.sequence(
    ...(request.version === 3 ? [der.explicit(0, der.integer(2))] : []),
    der.integer(request.serial),
    signed,
    request.issuer,
    der.sequence(der.time(request.notBefore), der.time(request.notAfter)),
    request.subject,
    request.key.publicKey.export({ type: 'spki', format: 'der' }),
    ...(request.extensions.length > 0
      ? [
          der.explicit(
            3,
            der.sequence(
              ...request.extensions.map((extension) =>
                der.sequence(
                  der.oid(extension.oid),
                  ...(extension.critical ? [der.boolean(true)] : []),
                  der.octets(extension.value),
                ),
              ),
            ),
          ),
        ]
      : []),
  );
  return der.sequence(body, signed, der.bits(signature(request.signer, request.hash, request.pss, body)));
};
