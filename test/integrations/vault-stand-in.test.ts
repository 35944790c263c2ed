/** The Vault contract on the stand-in. On Vault's own core: test/cluster/vault/contract.cluster.test.ts. */
import { describeVaultContract } from '../contract/vault/describe.ts';
import { VaultStandIn } from '../kit/vault/stand-in/server.ts';

describeVaultContract('the stand-in', () => VaultStandIn.start());
