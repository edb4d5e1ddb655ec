import { createServer } from "node:http";
import { hooks } from "./hooks.ts";

await hooks.start();
createServer(hooks.node).listen(Number(process.env.PORT ?? 4242), "127.0.0.1", () => console.log("listening"));
