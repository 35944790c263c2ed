/**
 * Options that several commands of `migrate` have.
 */
import { Option } from 'commander';
import { OUTPUTS, type Output } from './plan-command.ts';

export const kubeconfigOption = () =>
  new Option(
    '--kubeconfig <file>',
    "kubeconfig (default: KUBECONFIG, the home folder's, or the pod's own account)",
  );
export const namespaceOption = () =>
  new Option('-n, --namespace <name>', "Argo CD's namespace").default('argocd');
export const outputOption = () =>
  new Option('-o, --output <format>', 'how to show it').choices(OUTPUTS).default('table');
export const searchOption = () =>
  new Option(
    '--search-namespace <name...>',
    'further namespaces whose Secrets and ConfigMaps are looked through',
  ).default([], 'none');

/** Where to look, and how to show it. */
export interface LookOptions {
  readonly kubeconfig?: string;
  readonly namespace: string;
  readonly searchNamespace: string[];
  readonly output: Output;
}
