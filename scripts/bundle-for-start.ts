import { bundleCommand } from "./bundle-command.ts";
import { ROOT } from "./house/repository-files.ts";

// A process of its own, because the bundler's memory would stay with the server.
await bundleCommand(ROOT, "cli", process.argv[2] as string);
