/**
 * Options that several commands of `migrate` have.
 */
import { Option } from 'commander';
import { OUTPUTS } from './plan-command.ts';

export const kubeconfigOption = () =>
  new Option(
    '--kubeconfig <file>',
    "kubeconfig (default: KUBECONFIG, the home folder's, or the pod's own account)",
  );
export const namespaceOption = () =>
  new Option('-n, --namespace <name>', "Argo CD's namespace").default('argocd');
export const outputOption = () =>
  new Option('-o, --output <format>', 'how to show it').choices(OUTPUTS).default('table');
