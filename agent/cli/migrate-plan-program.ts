/**
 * The command line of `migrate plan`.
 *
 * **Invariant:** every flag decides something that must not be guessed; there is a default only where a wrong one does no harm.
 */
import { type Command, Option } from 'commander';
import { FLAG, type PlanChoice } from '../migration/planning/choice.ts';
import { ROOT_WAYS, type RootWay } from '../model/migration.ts';
import { migrationPlanCommand } from './migrate-command.ts';
import {
  kubeconfigOption,
  type LookOptions,
  namespaceOption,
  outputOption,
  searchOption,
} from './migrate-options.ts';
import { type MigrateTools, withMigration } from './migrate-tools.ts';

interface PlanOptions extends LookOptions {
  readonly name?: string;
  readonly root?: string;
  readonly client?: string;
  readonly issuing?: string;
  readonly keep?: RootWay;
  readonly serving: 'issue' | 'keep';
  readonly vault?: string;
  readonly vaultMount: string;
  readonly vaultRole: string;
  readonly vaultAuthMount: string;
  readonly vaultAuthRole: string;
  readonly vaultCaFile?: string;
  readonly write?: string;
}

const choiceOf = (options: PlanOptions): PlanChoice => ({
  name: options.name ?? options.namespace,
  root: options.root,
  client: options.client,
  issuing: options.issuing,
  keep: options.keep,
  serving: options.serving,
  vault:
    options.vault === undefined
      ? undefined
      : {
          address: options.vault,
          mount: options.vaultMount,
          role: options.vaultRole,
          authMount: options.vaultAuthMount,
          authRole: options.vaultAuthRole,
          caFile: options.vaultCaFile,
        },
});

/** What must not be guessed. A place is the end of one as `look` prints it: `corp-root/ca.pem`. */
const planOptions = (): readonly Option[] => [
  new Option('--name <name>', "the instance's name in the agent's configuration (default: the namespace)"),
  new Option(
    `${FLAG.root} <place>`,
    'the root that stays, where several could (end of a place, as look prints it)',
  ),
  new Option(`${FLAG.issuing} <place>`, 'the CA below the root that issues, where several could'),
  new Option(`${FLAG.client} <place>`, "the clients' certificate that is kept, where several could"),
  new Option(`${FLAG.keep} <way>`, 'how the root stays (default: the first that is possible)').choices(
    ROOT_WAYS,
  ),
  new Option(`${FLAG.serving} <what>`, "repo-server's certificate: issue a new one, or keep what is there")
    .choices(['issue', 'keep'])
    .default('issue'),
  new Option(`${FLAG.vault} <address>`, 'let this Vault or OpenBao issue'),
  new Option('--vault-mount <path>', 'its PKI secrets engine').default('pki'),
  new Option('--vault-role <name>', 'beginning of the names of its roles').default('argocd'),
  new Option('--vault-auth-mount <path>', 'its Kubernetes auth method').default('kubernetes'),
  new Option('--vault-auth-role <name>', "the agent's role there").default('argocd-mtls-rotator'),
  new Option('--vault-ca-file <file>', "CAs that vouch for it, as a path in the agent's pod"),
  new Option(
    '--write <directory>',
    'write plan, configuration, manifests and patches there; no private key is in them',
  ),
];

/** `ended` is told the exit code. */
export const addMigratePlan = (
  migrate: Command,
  tools: MigrateTools,
  ended: (code: number) => void,
): void => {
  const plan = migrate
    .command('plan')
    .description(
      'show how the root that is there is kept, step by step, and what each does to traffic; reads only',
    )
    .addOption(namespaceOption())
    .addOption(searchOption())
    .addOption(kubeconfigOption())
    .addOption(outputOption());
  for (const option of planOptions()) plan.addOption(option);
  plan.action(async (options: PlanOptions) => {
    const request = { ...options, choice: choiceOf(options), write: options.write };
    ended(
      await withMigration(tools, options.kubeconfig, (services) =>
        migrationPlanCommand(services, request, tools.terminal),
      ),
    );
  });
};
