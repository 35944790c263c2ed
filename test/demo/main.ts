/**
 * `npm run demo`: the main job, on the stand-in, or on the cluster that is given with a configuration.
 *
 * **Invariant:** a cluster is touched only where a configuration names what in it; which of the two it is, is said first.
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { wantsColours } from '../../agent/cli/text.ts';
import { loadConfig } from '../../agent/config/watch.ts';
import { loadConnection } from '../../agent/kube/connection.ts';
import { PRODUCT } from '../../agent/model/product.ts';
import { showLife } from './life.ts';
import { Screen } from './screen.ts';

const { argv, env, stdout } = process;

const { values } = parseArgs({
  args: argv.slice(2),
  options: { config: { type: 'string', short: 'c' }, kubeconfig: { type: 'string' } },
});

const screen = new Screen((text) => void stdout.write(text), wantsColours(stdout.isTTY, env.NO_COLOR));

/** One command of the shipped program. */
const command = (...args: readonly string[]): Promise<number> =>
  new Promise((resolve) => {
    const program = new URL('../../agent/main.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' });
    // Ctrl-C reaches both: this one waits for the agent, which finishes the step at hand.
    process.on('SIGINT', () => undefined);
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.once('exit', (code) => resolve(code ?? 1));
  });

const onCluster = async (config: string): Promise<number> => {
  const { settings } = await loadConfig(config);
  const path = values.kubeconfig;
  const connection = loadConnection(path === undefined ? {} : { path });
  screen.entry(
    'Cluster',
    `a real one: context ${connection.getCurrentContext()}, ${connection.getCurrentCluster()?.server ?? 'no server'}`,
  );
  for (const { name, namespace, mode } of settings.instances) {
    screen.entry('Instance', `${name} in namespace ${namespace}, mode ${mode}`);
  }
  screen.line();
  const options = ['--config', config, ...(path === undefined ? [] : ['--kubeconfig', path])];
  const planned = await command('plan', ...options);
  if (planned !== 0) return planned;
  screen.line();
  screen.line(
    'The agent is at work from here on, in the modes above. Ctrl-C stops it after the step at hand.',
  );
  return await command('run', ...options);
};

const onStandIn = async (): Promise<number> => {
  screen.line(screen.paint('bold', `${PRODUCT}: a life of repo-server mTLS`));
  screen.line();
  screen.entry(
    'Cluster',
    'a STAND-IN in this process: API server, controllers, kubelet and the passing of time are played. Real are the engine, its Kubernetes client, all certificates and keys, and each TLS call.',
  );
  if ((env.KUBECONFIG ?? '') !== '') {
    screen.entry(
      '',
      'KUBECONFIG is set, but without --config nothing says what to do there: it is left alone.',
    );
  } else {
    screen.entry('', 'For a real one: KUBECONFIG=<file> npm run demo -- --config <file>');
  }
  screen.entry(
    'Argo CD',
    '2 repo-servers and the four components that call them. Each calls each after every change that a pod can see. Nothing is retried.',
  );
  const { rotated, usual, proved } = await showLife(screen);
  screen.line();
  screen.line(screen.paint('bold', 'Summary'));
  screen.entry(
    '   agent',
    `${rotated.calls} calls, ${rotated.failed} failed, ${rotated.restarts} restarts over three changes and a kill; ${proved.filter(Boolean).length} of ${proved.length} changes proved`,
  );
  screen.entry(
    '   usual',
    `${usual.calls} calls, ${usual.failed} failed, ${usual.restarts} restarts for one change`,
  );
  return rotated.failed === 0 && proved.every(Boolean) ? 0 : 1;
};

process.exitCode = values.config === undefined ? await onStandIn() : await onCluster(values.config);
