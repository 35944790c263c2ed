export type * from '../model/mounts.ts';
