/** Admission as a whole: three texts, judged, and what was accepted read again. */
import { admit } from '../../../agent/admission/admit.ts';
import { SecretBytes } from '../../../agent/model/secret-bytes.ts';
import { bundlePem } from '../../../agent/pki/bundle.ts';
import { HOST, NOON } from '../../admission/bad-material/row.ts';
import type { Target } from '../target.ts';
import { materials } from './pki.ts';

/** Between the texts. */
const NEXT = '\n# next text\n';

const admission = (certificatePem: string, key: string, anchorsPem: string) =>
  admit(
    {
      source: 'fuzz',
      version: '1',
      certificatePem,
      key: SecretBytes.of(key),
      anchorsPem,
      upcomingAnchorsPem: anchorsPem,
    },
    'serving',
    NOON,
    { dialledNames: [HOST] },
  );

let seeds: readonly Buffer[] | undefined;

export const MATERIAL: Target = {
  name: 'material',
  seeds: () => {
    seeds ??= materials().map(({ certificate, key, anchors }) =>
      Buffer.from([certificate, key, anchors].join(NEXT)),
    );
    return seeds;
  },
  form: 'pem',
  words: [NEXT],
  read: (input) => {
    const [certificate = '', key = '', anchors = ''] = input.toString('utf8').split(NEXT);
    const first = admission(certificate, key, anchors);
    if ('refusal' in first) return;
    const { leaf, anchors: trusted } = first.material;
    const chain = [leaf.certificate, ...leaf.intermediates].map(({ pem }) => pem).join('');
    const again = admission(chain, leaf.key.reveal(), bundlePem(trusted));
    if ('refusal' in again)
      throw new Error(`accepted, but not as it would be published: ${again.refusal.what}`);
    if (again.material.leaf.certificate.fingerprint !== leaf.certificate.fingerprint)
      throw new Error('what would be published is another leaf');
  },
};
