/** The contract on the stand-in. On a real kube-apiserver: test/cluster/contract.cluster.test.ts. */
import { describeClusterContract } from './describe.ts';
import { standInWorld } from './stand-in-world.ts';

describeClusterContract('the stand-in', standInWorld);
