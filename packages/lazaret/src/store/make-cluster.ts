/** Makes an empty store in the folder that is named, and ends: `new-cluster.ts` starts this. */
import { PGlite } from '@electric-sql/pglite';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('A folder has to be named.');
const engine = await PGlite.create(folder);
await engine.close();
