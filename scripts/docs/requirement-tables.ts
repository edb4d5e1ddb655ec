import {
  COUNTRIES_MEANT,
  type CountryRequirements,
  REQUIREMENTS_TOLD,
  type RequirementStages,
} from "../../packages/server/src/resources/connected-account/requirements/country-requirements.ts";
import * as magic from "../../packages/server/src/resources/connected-account/requirements/magic-values.ts";
import type { Judgement, RequirementErrorCode } from "../../packages/server/src/resources/connected-account/state/review.ts";
import type { DocumentTable } from "./table.ts";

const FILE = "docs/requirements.md";
const code = (text: string): string => `\`${text}\``;
const codes = (texts: readonly string[]): string => (texts.length === 0 ? "–" : texts.map(code).join(", "));

/** The requirements by country, and the values that decide in test mode how a verification ends. */
export function requirementTables(): DocumentTable[] {
  const countries = Object.entries(REQUIREMENTS_TOLD);
  return [
    {
      file: FILE,
      name: "requirements by country",
      heads: ["Country", "Of", "At first", "Later, told from the start", "Eventually, told then"],
      rows: countries.flatMap(([country, required]) => countryRows(country, required)),
    },
    {
      file: FILE,
      name: "what verification stops",
      heads: ["Country", "Pending meanwhile", "With the whole number also", "Stops"],
      rows: countries.flatMap(([country, { underVerification: waits }]) =>
        waits === null
          ? []
          : [[country, codes(waits.shows), codes(waits.showsWithNumber), waits.stops === "both" ? "capabilities and payouts" : "payouts"]],
      ),
    },
    {
      file: FILE,
      name: "countries meant",
      heads: ["Word", "Countries"],
      rows: Object.entries(COUNTRIES_MEANT).map(([word, meant]) => [word, meant.join(", ")]),
    },
    {
      file: FILE,
      name: "roles by country",
      heads: ["Country", "`company`", "`non_profit`", "`government_entity`"],
      rows: countries.map(([country, { roles }]) => [
        country,
        codes(roles.company),
        codes(roles.non_profit),
        codes(roles.government_entity),
      ]),
    },
    {
      file: FILE,
      name: "magic values",
      heads: ["Parameter", "Value", "What is found", "Asked for again"],
      rows: [
        ...magicRows("dob", magic.DATES_OF_BIRTH),
        row("dob", "any other", magic.OTHER_DATE_OF_BIRTH),
        ...magicRows("a person's address.line1", magic.PERSON_FIRST_LINES),
        ...magicRows("id_number", magic.PERSON_NUMBERS),
        ...fileRows("verification.document.front", magic.IDENTITY_DOCUMENTS),
        ...fileRows("documents.….files", magic.RELATIONSHIP_DOCUMENTS),
        ...magicRows("a director's first_name", magic.DIRECTOR_FIRST_NAMES),
        ...magicRows("an owner's first_name", magic.OWNER_FIRST_NAMES),
        ...magicRows("company.address.line1", magic.COMPANY_FIRST_LINES),
        ...magicRows("company.tax_id", magic.COMPANY_TAX_IDS),
        ...magicRows("company.name", magic.COMPANY_NAMES),
        row("company.name, business_profile.name", `…${magic.RISKY_NAME.suffix}`, magic.RISKY_NAME.judgement),
        ...magicRows("business_profile.url", magic.URLS),
        ...magicRows("business_profile.name", magic.BUSINESS_NAMES),
        ...magicRows("business_profile.product_description", magic.PRODUCT_DESCRIPTIONS),
        ...magicRows("settings.payments.statement_descriptor", magic.STATEMENT_DESCRIPTORS),
        ...magicRows("settings.card_payments.statement_descriptor_prefix", magic.DESCRIPTOR_PREFIXES),
      ],
    },
  ];
}

function countryRows(country: string, { individual, people, company }: CountryRequirements): string[][] {
  const rows: [string, RequirementStages][] = [
    ["the individual", individual],
    ["the company", company],
    ...Object.entries(people).map(([role, required]): [string, RequirementStages] => [`each ${role}`, required]),
  ];
  return rows.map(([of, { first, later = [], eventually = [] }]) => [country, of, codes(first), codes(later), codes(eventually)]);
}

function magicRows(parameter: string, table: Readonly<Record<string, Judgement>>): string[][] {
  return Object.entries(table).map(([value, judgement]) => row(parameter, value, judgement));
}

function fileRows(parameter: string, table: Readonly<Record<string, RequirementErrorCode | null>>): string[][] {
  return Object.entries(table).map(([value, fault]) => [
    code(parameter),
    code(value),
    fault === null ? "right" : code(fault),
    fault === null ? "–" : "the same",
  ]);
}

const MEANINGS: Readonly<Record<Exclude<Judgement["finding"]["kind"], "wrong">, string>> = {
  right: "right",
  listed: "the account is stopped: `listed`",
  risky: "the account is stopped: `under_review`",
  unused: "the account is stopped; its capabilities say `paused.inactivity`",
  unanswered: "nothing, until a test helper ends the verification",
};

function row(parameter: string, value: string, { finding, atOnce }: Judgement): string[] {
  const shown = value.startsWith("any ") ? value : code(value);
  if (finding.kind !== "wrong") return [parameterOf(parameter), shown, `${MEANINGS[finding.kind]}${atOnce ? ", at once" : ""}`, "–"];
  const stops = finding.stops === "payouts" ? "; stops payouts alone" : "";
  return [parameterOf(parameter), shown, `${code(finding.code)}${stops}`, codes(finding.fields)];
}

/** Words around a parameter's name stay as they are. */
function parameterOf(text: string): string {
  return text
    .split(", ")
    .map((part) => part.replace(/(\S+)$/, code("$1")))
    .join(", ");
}
