import { createNarrator } from "./narrator.ts";
import { playStory } from "./story.ts";

await playStory(createNarrator(process.stdout), () => performance.now());
