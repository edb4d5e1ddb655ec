import { bundleCommand } from "./bundle-command.ts";
import { ROOT } from "./house/repository-files.ts";

// A separate process, because the server would keep the bundler's memory.
await bundleCommand(ROOT, "cli", process.argv[2] as string);
