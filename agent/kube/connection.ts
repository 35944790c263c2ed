/**
 * Where the API server is and who we are: KUBECONFIG, else the pod's service account, else ~/.kube/config.
 *
 * **Invariant:** no credential is read outside this file and the client library.
 */
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { RotatorError } from '../model/errors.ts';

/** What the library answers where it found neither a kubeconfig nor a service account (kubectl's old default). */
const NOTHING_FOUND = 'http://localhost:8080';

/**
 * Loads the connection. `path`: a kubeconfig file that overrules the library's own order
 * (KUBECONFIG, ~/.kube/config, in-cluster). `context`: name of a context in it.
 *
 * @throws {RotatorError} `refused` where nothing usable was found.
 */
export const loadConnection = (
  options: { readonly path?: string; readonly context?: string } = {},
): KubeConfig => {
  const config = new KubeConfig();
  try {
    if (options.path === undefined) config.loadFromDefault();
    else config.loadFromFile(options.path);
    if (options.context !== undefined) config.setCurrentContext(options.context);
  } catch (error) {
    throw new RotatorError(
      'refused',
      {
        what: `The kubeconfig${options.path === undefined ? '' : ` ${options.path}`} could not be read.`,
        effect: 'Nothing was read or written.',
        next: 'Point KUBECONFIG at a readable kubeconfig, or run in a pod with a service account.',
      },
      { cause: error },
    );
  }
  const server = config.getCurrentCluster()?.server;
  if (server === undefined || (options.path === undefined && server === NOTHING_FOUND)) {
    throw new RotatorError('refused', {
      what: 'No cluster was found: neither a kubeconfig with a current context, nor a service account.',
      effect: 'Nothing was read or written.',
      next: 'Set a current context in it, or run in a pod with a service account.',
    });
  }
  return config;
};
