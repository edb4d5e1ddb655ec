import { parseSync } from "oxc-parser";

/** The strings of `export type Name = "a" | "b"` in a source. Throws when there is no such union. */
export function unionMembers(file: string, source: string, name: string): string[] {
  for (const statement of parseSync(file, source).program.body) {
    const declared = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (declared?.type !== "TSTypeAliasDeclaration" || declared.id.name !== name || declared.typeAnnotation.type !== "TSUnionType")
      continue;
    return declared.typeAnnotation.types.map((member) => {
      if (member.type !== "TSLiteralType" || member.literal.type !== "Literal" || typeof member.literal.value !== "string") {
        throw new Error(`${file}: a member of ${name} is not a string`);
      }
      return member.literal.value;
    });
  }
  throw new Error(`${file} has no union named ${name}`);
}
