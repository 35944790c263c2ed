/**
 * The stand-in as a server for the contract suite.
 *
 * **Invariant:** closing it fails where an agent left its surface.
 */
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { realClock } from '../kit/api-server/clock.ts';
import { type Rule, startApiServer } from '../kit/api-server/index.ts';
import { createAdmin } from './admin.ts';
import {
  AGENT_RULES,
  agentOf,
  type ContractRule,
  type ContractWorld,
  NARROW_RULES,
  OPERATOR_RULES,
} from './world.ts';

const NAMESPACE = 'contract';

const forUser =
  (user: string) =>
  (rule: ContractRule): Rule => ({ ...rule, users: [user], namespaces: [NAMESPACE] });

export const standInWorld = async (): Promise<ContractWorld> => {
  const rules = [
    ...AGENT_RULES.map(forUser('agent')),
    ...NARROW_RULES.map(forUser('narrow')),
    ...OPERATOR_RULES.map(forUser('operator')),
  ];
  const server = await startApiServer({ clock: realClock, rules });
  const as = (user: string): KubeConfig => {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromString(server.kubeconfigFor(user));
    return kubeConfig;
  };
  return {
    namespace: NAMESPACE,
    admin: createAdmin(as('admin'), NAMESPACE),
    agent: agentOf(as('agent')),
    narrow: agentOf(as('narrow')),
    operator: agentOf(as('operator')),
    image: 'example.com/anything:1',
    certificates: true,
    externalSecrets: true,
    close: async () => {
      await server.close();
      if (server.violations.length > 0)
        throw new Error(`outside the agent's Role: ${server.violations.join('; ')}`);
    },
  };
};
