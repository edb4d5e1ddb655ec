import { DatabaseSync } from "node:sqlite";
import express from "express";
import { marketplace, TABLES } from "./hooks.ts";

// Start it with: DATABASE=marketplace.db WHSEC_CONNECT=whsec_… PORT=4242 node main.ts
const file = process.env.DATABASE ?? "marketplace.db";
const db = new DatabaseSync(file);
db.exec(TABLES);

const hooks = marketplace(file, process.env.WHSEC_CONNECT ?? "");
const app = express();
app.post("/stripe", hooks.node);
// Parsers come below the webhooks: the signature covers the bytes as they came.
app.use(express.json());
app.get("/health", async (_request, response) => {
  response.json(await hooks.depth());
});
app.get("/notices", (_request, response) => {
  response.json(db.prepare("SELECT * FROM notices ORDER BY rowid").all());
});

await hooks.start();
app.listen(Number(process.env.PORT ?? 4242), "127.0.0.1", (error) => {
  // Express passes on that the port is taken, where node:http throws.
  if (error !== undefined) throw error;
  console.log("listening");
});
