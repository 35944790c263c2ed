/** The images of the cluster's pods: one Debian root for all, the programs on top of it. */
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ctr, pauseImage } from './containerd.ts';
import { imageArchive, type Layer } from './image-archive.ts';
import { moduleFolder, program } from './parts.ts';
import { shell } from './shell.ts';

export const argoCdImage = 'localhost/argocd:v3.6.1';
/** Upstream's user in Argo CD's image. */
const argoCdUser = 999;

const packages = ['ca-certificates', 'git', 'gpg', 'gpg-agent', 'openssh-client', 'redis-server', 'tini'];

export async function loadImages(): Promise<void> {
  await importImage(await pauseArchive());
  await importImage(await argoCdArchive());
}

export async function importImage(archive: string): Promise<void> {
  await ctr('image', 'import', '--local', archive);
}

async function pauseArchive(): Promise<string> {
  const binary = await program('pause');
  const layer: Layer = {
    name: 'pause',
    key: [binary],
    fill: async (root) => cpSync(binary, join(root, 'pause')),
  };
  return imageArchive(pauseImage, [layer], { Entrypoint: ['/pause'] });
}

async function argoCdArchive(): Promise<string> {
  const config = {
    Entrypoint: ['/usr/bin/tini', '--'],
    Env: [
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'USER=argocd',
      'GRPC_ENABLE_TXT_SERVICE_CONFIG=false',
    ],
    User: String(argoCdUser),
    WorkingDir: '/home/argocd',
  };
  return imageArchive(argoCdImage, [debian, await argoCdLayer()], config);
}

export const debian: Layer = {
  name: 'debian',
  key: ['bookworm', ...packages, 'argocd-user'],
  fill: async (root) => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const args = ['--variant=minbase', `--include=${packages.join(',')}`, 'bookworm', root];
    await shell('debootstrap', [...args, ...(await mirror())], { env });
    for (const gone of [
      'var/cache/apt',
      'var/lib/apt/lists',
      'usr/share/doc',
      'usr/share/man',
      'usr/share/locale',
      'dev',
    ]) {
      rmSync(join(root, gone), { recursive: true, force: true });
    }
    mkdirSync(join(root, 'dev'));
    append(root, 'etc/passwd', `argocd:x:${argoCdUser}:${argoCdUser}::/home/argocd:/bin/sh`);
    append(root, 'etc/group', `argocd:x:${argoCdUser}:`);
  },
};

async function argoCdLayer(): Promise<Layer> {
  const binary = await program('argocd');
  return {
    name: 'argocd',
    key: [binary, 'layer 1'],
    fill: async (root) => {
      const bin = join(root, 'usr', 'local', 'bin');
      mkdirSync(bin, { recursive: true });
      cpSync(binary, join(bin, 'argocd'));
      for (const name of [
        'server',
        'repo-server',
        'application-controller',
        'applicationset-controller',
        'notifications',
        'git-ask-pass',
      ]) {
        symlinkSync('argocd', join(bin, `argocd-${name}`));
      }
      // Not in the repository: upstream's, out of the module that the binary was built from.
      const upstream = await moduleFolder('argocd', 'github.com/argoproj/argo-cd/v3');
      for (const wrapper of ['gpg-wrapper.sh', 'git-verify-wrapper.sh']) {
        cpSync(join(upstream, 'hack', wrapper), join(bin, wrapper));
        chmodSync(join(bin, wrapper), 0o755);
      }
      for (const folder of [
        'home/argocd',
        'app/config/ssh',
        'app/config/tls',
        'app/config/gpg/source',
        'app/config/gpg/keys',
      ]) {
        mkdirSync(join(root, folder), { recursive: true });
      }
      chownSync(join(root, 'home/argocd'), argoCdUser, 0);
      chmodSync(join(root, 'home/argocd'), 0o775);
      chownSync(join(root, 'app/config/gpg/keys'), argoCdUser, argoCdUser);
      chmodSync(join(root, 'app/config/gpg/keys'), 0o700);
    },
  };
}

/** The machine's own Debian mirror, so that none is named here. */
async function mirror(): Promise<string[]> {
  const format = ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'];
  const first = (await shell('apt-get', format)).split('\n')[0];
  return first === undefined || first === '' ? [] : [first];
}

function append(root: string, file: string, line: string): void {
  const path = join(root, file);
  writeFileSync(path, `${readFileSync(path, 'utf8')}${line}\n`);
}
