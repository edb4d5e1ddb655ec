// A receiver to look at: prints each event that arrives, and verifies none. See packages/receiver for a real one.
import { createServer } from "node:http";

createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  const { type, account, livemode } = JSON.parse(body);
  console.log(livemode ? "live" : "test", type, account === undefined ? "" : `of ${account}`);
  response.writeHead(204).end();
}).listen(Number(process.env.PORT ?? 4242), () => console.log("Listening"));

// The first process of a container is stopped by no signal that it does not take.
process.on("SIGTERM", () => process.exit());
