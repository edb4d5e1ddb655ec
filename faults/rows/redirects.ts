import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { eachStore } from "../each-store.ts";
import { redirects as redirectsTo } from "../hostile-answers.ts";
import type { Row } from "../row.ts";
import { tryAnswers } from "../try-answers.ts";

/** A receiver that sends a webhook elsewhere: to this machine, to a cloud machine's credentials, in a circle. */
export const redirects: Row = {
  number: 17,
  name: "redirects",
  async run(context) {
    let hits = 0;
    const canary = createServer((_request, response) => {
      hits++;
      response.end();
    });
    await new Promise<void>((resolve) => canary.listen(0, "127.0.0.1", resolve));
    const { port } = canary.address() as AddressInfo;
    try {
      const cases = redirectsTo(`http://127.0.0.1:${port}/`, "/hook");
      const result = await eachStore(context, (kind) => tryAnswers(kind, context, cases), ["postgresql"]);
      if (hits > 0) result.breaches.push(`${hits} requests came where a redirect pointed to`);
      return { breaches: result.breaches, figures: { ...result.figures, requestsToTarget: hits } };
    } finally {
      canary.closeAllConnections();
      canary.close();
    }
  },
};
