/** containerd with roots and sockets of its own, and what it leaves behind taken away. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { daemonReady, startDaemon } from './daemon.ts';
import { cniConfigFolder, cniPluginFolder } from './network.ts';
import { program } from './parts.ts';
import { state } from './settings.ts';
import { quietly, shell } from './shell.ts';

export const containerdSocket = state('containerd', 'c.sock');
export const pauseImage = 'localhost/pause:1';

export async function startContainerd(): Promise<void> {
  mkdirSync(state('containerd'), { recursive: true });
  const config = state('containerd', 'config.toml');
  writeFileSync(
    config,
    `version = 3
root = "${state('containerd', 'root')}"
state = "${state('containerd', 'state')}"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.tracing.processor.v1.otlp"]
[grpc]
  address = "${containerdSocket}"
[ttrpc]
  address = "${containerdSocket}.ttrpc"
[plugins."io.containerd.cri.v1.images"]
  snapshotter = "overlayfs"
  [plugins."io.containerd.cri.v1.images".pinned_images]
    sandbox = "${pauseImage}"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["${cniPluginFolder}"]
    conf_dir = "${cniConfigFolder}"
  [plugins."io.containerd.cri.v1.runtime".containerd]
    default_runtime_name = "runc"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
        SystemdCgroup = false
`,
  );
  const command = await program('containerd');
  startDaemon({
    name: 'containerd',
    command,
    args: ['--config', config],
    // The shim is found by PATH.
    env: { ...process.env, PATH: `${dirname(command)}:${process.env.PATH ?? ''}` },
  });
  await daemonReady('containerd', 30, async () => {
    await ctr('version');
    return true;
  });
}

export async function ctr(...args: string[]): Promise<string> {
  return shell(await program('containerd', 'ctr'), [
    '--address',
    containerdSocket,
    '--namespace',
    'k8s.io',
    ...args,
  ]);
}

/** Stopping the daemon leaves containers running under their shims: they go first. */
export async function removeContainers(): Promise<void> {
  if (!existsSync(containerdSocket)) return;
  const command = await program('containerd', 'ctr');
  const base = ['--address', containerdSocket, '--namespace', 'k8s.io'];
  const list = async (kind: string) =>
    (await quietly('timeout', ['20', command, ...base, kind, 'ls', '-q']))
      .split('\n')
      .filter((line) => line !== '');
  const tasks = await list('task');
  await Promise.all(tasks.map((id) => quietly('timeout', ['20', command, ...base, 'task', 'rm', '-f', id])));
  const containers = await list('container');
  await Promise.all(
    containers.map((id) => quietly('timeout', ['20', command, ...base, 'container', 'rm', id])),
  );
}
