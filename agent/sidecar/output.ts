/**
 * The directories that a sidecar writes: which files are in each, and what is in them now.
 *
 * **Invariant:** a directory is either wholly understood or counts as never written.
 */
import { FILE_KEYS, SERVING_KEY } from '../layout/files.ts';
import type { Certificate } from '../model/certificate.ts';
import type { Leaf } from '../model/material.ts';
import { SecretBytes } from '../model/secret-bytes.ts';
import type { SidecarSettings } from '../model/sidecar-settings.ts';
import { bundlePem } from '../pki/bundle.ts';
import { orderChain } from '../pki/chain.ts';
import { parseCertificates } from '../pki/parse.ts';
import type { FileSystem } from './files/file-system.ts';
import { type FileSet, readSet } from './files/write-set.ts';
import { HISTORY_FILE, type History, readHistory } from './history.ts';

export interface Output {
  readonly directory: string;
  /** File names by what they hold; `undefined`: not in this directory. */
  readonly trust: string | undefined;
  readonly leaf: { readonly certificate: string; readonly key: string } | undefined;
}

export interface Written {
  readonly trust: readonly Certificate[];
  readonly leaf: Leaf | undefined;
  readonly history: History;
}

export const outputsOf = ({ component, sources, output }: SidecarSettings): readonly Output[] => {
  if (component !== 'repo-server')
    return [
      {
        directory: output.mtls,
        trust: sources.serverCa === undefined ? undefined : FILE_KEYS.serverCa,
        leaf:
          sources.client === undefined
            ? undefined
            : { certificate: FILE_KEYS.clientCertificate, key: FILE_KEYS.clientKey },
      },
    ];
  return [
    ...(sources.clientCa.length === 0
      ? []
      : [{ directory: output.mtls, trust: FILE_KEYS.clientCa, leaf: undefined }]),
    ...(sources.serving === undefined
      ? []
      : [
          {
            directory: output.serving,
            trust: undefined,
            leaf: { certificate: SERVING_KEY.certificate, key: SERVING_KEY.key },
          },
        ]),
  ];
};

const certificatesIn = (set: FileSet, name: string): readonly Certificate[] | undefined => {
  try {
    const found = parseCertificates(set.get(name)?.reveal() ?? '');
    return found.length === 0 ? undefined : found;
  } catch {
    return undefined;
  }
};

const leafIn = (set: FileSet, names: NonNullable<Output['leaf']>): Leaf | undefined => {
  const [certificate, ...others] = certificatesIn(set, names.certificate) ?? [];
  const key = set.get(names.key);
  return certificate === undefined || key === undefined
    ? undefined
    : { certificate, intermediates: orderChain(certificate, others), key };
};

/**
 * What is in a directory now; `undefined`: nothing whole.
 *
 * @throws RotatorError where it can't be read
 */
export const readOutput = async (output: Output, files: FileSystem): Promise<Written | undefined> => {
  const set = await readSet(output.directory, files);
  if (set === undefined) return undefined;
  const trust = output.trust === undefined ? [] : certificatesIn(set, output.trust);
  const leaf = output.leaf === undefined ? undefined : leafIn(set, output.leaf);
  if (trust === undefined || (output.leaf !== undefined && leaf === undefined)) return undefined;
  return { trust, leaf, history: readHistory(set.get(HISTORY_FILE)?.reveal()) };
};

/** The files of a directory with this content. */
export const filesFor = (
  output: Output,
  { trust, leaf }: { readonly trust: readonly Certificate[]; readonly leaf: Leaf | undefined },
  history: string,
): FileSet =>
  new Map([
    ...(output.trust === undefined ? [] : [[output.trust, SecretBytes.of(bundlePem(trust))] as const]),
    ...(output.leaf === undefined || leaf === undefined
      ? []
      : [
          [
            output.leaf.certificate,
            SecretBytes.of([leaf.certificate, ...leaf.intermediates].map(({ pem }) => pem).join('')),
          ] as const,
          [output.leaf.key, leaf.key] as const,
        ]),
    [HISTORY_FILE, SecretBytes.of(history)],
  ]);
