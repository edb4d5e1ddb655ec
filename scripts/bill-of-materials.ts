import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { installedWith } from "./installed-with.ts";
import { runNpm } from "./run-npm.ts";

interface Component {
  "bom-ref": string;
  type: string;
  name: string;
  version: string;
  properties?: { name: string; value: string }[];
  externalReferences?: { type: string; url: string }[];
  [field: string]: unknown;
}

/** The parts of a software bill of materials that are used here. Source: https://cyclonedx.org/docs/1.5/json/ */
export interface BillOfMaterials {
  bomFormat: "CycloneDX";
  metadata: { component: Component; [field: string]: unknown };
  components: Component[];
  dependencies: { ref: string; dependsOn?: string[] }[];
  [field: string]: unknown;
}

/** The bill of materials of an installed package: what it consists of, and in which versions. */
export async function billOfMaterials(root: string, folder: string): Promise<BillOfMaterials> {
  const {
    name,
    version,
    dependencies = {},
  } = JSON.parse(await readFile(join(root, "packages", folder, "package.json"), "utf8")) as {
    name: string;
    version: string;
    dependencies?: Record<string, string>;
  };
  const { stdout } = await runNpm(["sbom", "--sbom-format", "cyclonedx"], root);
  return billOf(JSON.parse(stdout) as BillOfMaterials, { name, version }, installedWith(root, dependencies));
}

/**
 * The part of a workspace's bill that is a package and what is installed with it. It contains nothing that changes from
 * one build to the next. Throws when the workspace's bill lacks one of these packages.
 */
export function billOf(
  workspace: BillOfMaterials,
  { name, version }: { name: string; version: string },
  installed: readonly string[],
): BillOfMaterials {
  const ref = `${name}@${version}`;
  const found = new Map(workspace.components.map((component) => [component["bom-ref"], component]));
  const componentOf = (wanted: string): Component => {
    const component = found.get(wanted);
    if (component === undefined) throw new Error(`npm's bill of materials lacks ${wanted}.`);
    return corrected(component);
  };
  const refs = new Set([ref, ...installed]);
  const { serialNumber: _, metadata, ...rest } = workspace;
  const { timestamp: __, ...kept } = metadata;
  return {
    ...rest,
    bomFormat: "CycloneDX",
    metadata: { ...kept, component: componentOf(ref) },
    components: installed.map(componentOf),
    dependencies: workspace.dependencies
      .filter((one) => refs.has(one.ref))
      .map((one) => ({ ...one, dependsOn: (one.dependsOn ?? []).filter((on) => refs.has(on)) })),
  };
}

/**
 * A component in the form of the published package. npm names a package of the workspace by its folder and calls it
 * private, and it passes on `git@host:path`, which is not a URL, where the schema requires one.
 */
function corrected(component: Component): Component {
  const properties = component.properties?.filter((property) => property.name !== "cdx:npm:package:private");
  const externalReferences = component.externalReferences?.map((reference) => ({
    ...reference,
    url: reference.url.replace(/^([\w.-]+@[\w.-]+):(?!\/)/, "ssh://$1/"),
  }));
  return {
    ...component,
    name: component["bom-ref"].replace(/@[^@]+$/, ""),
    ...(properties === undefined ? {} : { properties }),
    ...(externalReferences === undefined ? {} : { externalReferences }),
  };
}
