/**
 * SQLite, as it comes with Node.js. An older Node.js does not have it, and would refuse the whole package for importing
 * it, before `oldest-node.ts` could say which version is needed.
 */
export const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
