export const LEAN: string;
export const ENTRIES: readonly string[];
export function copyLeanClient(from: string, to: string): void;
