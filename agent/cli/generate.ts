/**
 * `npm run generate`: writes every generated file. A tool of the repository, not a command of the agent.
 *
 * **Invariant:** writes nothing but what {@link generatedFiles} lists.
 */
import { writeFileSync } from 'node:fs';
import { generatedFiles } from './generated-files.ts';

const root = new URL('../../', import.meta.url);
for (const [path, content] of generatedFiles()) writeFileSync(new URL(path, root), content);
