/**
 * SQLite, as it comes with Node.js. An older Node.js has none, and would refuse the whole package for an import of it,
 * before `oldest-node.ts` could say what is needed.
 */
export const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
