/** The request that Vault is asked to sign, read back by a reader of its own. */
import { createPublicKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { VAULT_KEYS } from '../../agent/model/vault-spec.ts';
import { makeKeyAndRequest } from '../../integrations/vault/certificate-request.ts';
import { readRequest } from '../kit/vault/stand-in/request-reader.ts';
import { sourcesBelow } from '../repo/sources.ts';

describe('a certificate request', () => {
  test.each(VAULT_KEYS)(
    'of the kind %s is signed by the key that it asks for, and carries its names',
    async (kind) => {
      const { key, requestPem } = await makeKeyAndRequest(kind, {
        commonName: 'argocd-repo-server',
        names: ['argocd-repo-server', 'repo.example.org', '10.1.2.3', 'fd00::1', '2001:db8:0:1::a:b'],
      });
      // The reader refuses a signature that is not the key's.
      const read = readRequest(requestPem);
      expect(read).toMatchObject({
        commonName: 'argocd-repo-server',
        dns: ['argocd-repo-server', 'repo.example.org'],
        ips: ['10.1.2.3', 'fd00:0:0:0:0:0:0:1', '2001:db8:0:1:0:0:a:b'],
      });
      expect(createPublicKey(key.reveal()).equals(read.publicKey)).toBe(true);
    },
  );

  test('without names has none, and no two have one key', async () => {
    const make = () => makeKeyAndRequest('ec-p256', { commonName: 'a', names: [] });
    const [one, other] = [await make(), await make()];
    expect(readRequest(one.requestPem)).toMatchObject({ commonName: 'a', dns: [], ips: [] });
    expect(one.key.equals(other.key)).toBe(false);
    expect(JSON.stringify(one)).not.toContain('PRIVATE KEY');
  });

  test('owes nothing but its ASN.1 to node-forge: cryptography is node:crypto’s, FIPS or not', () => {
    const used = sourcesBelow('integrations/vault').flatMap(({ code }) =>
      [...code.matchAll(/\bforge\.(\w+)/g)].map(([, part = '']) => part),
    );
    expect(new Set(used)).toEqual(new Set(['asn1', 'util']));
  });
});
