/**
 * The contract that keeps the stand-in honest, against the real API server: the same sentences, word for word.
 */
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { describeClusterContract } from '../contract/describe.ts';
import { realWorld } from '../contract/real-world.ts';
import { kubeconfig } from './harness/settings.ts';

const config = new KubeConfig();
config.loadFromFile(process.env.KUBECONFIG || kubeconfig);

describeClusterContract('a real kube-apiserver', () => realWorld(config, 'localhost/pause:1'));
