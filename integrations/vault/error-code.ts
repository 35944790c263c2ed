/**
 * The system's word for what went wrong (`ENOENT`, `ECONNREFUSED`), which is all that is told of such errors.
 */
export const errorCode = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'no code';
