export { type ConnectionState, changeConnection } from "./connection-state.ts";
export * from "./inbox.ts";
export { raisedMark } from "./raised-mark.ts";
