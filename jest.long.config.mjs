/** The hermetic tests that `npm test` leaves out for their length. CI runs both. */
import base, { LONG } from './jest.config.mjs';

export default {
  ...base,
  testMatch: LONG.map((file) => `<rootDir>/${file}`),
  testPathIgnorePatterns: ['/node_modules/'],
};
