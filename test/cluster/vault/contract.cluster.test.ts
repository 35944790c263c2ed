/** The contract that keeps the stand-in honest, on Vault's own core: the same sentences, word for word. */
import { describeVaultContract } from '../../contract/vault/describe.ts';
import { startVaultAlone } from '../harness/vault.ts';

describeVaultContract("Vault's own core", startVaultAlone);
