/** Print the texts that the scripts of the page declare, by script and name, as JSON. */

import { readdirSync, readFileSync } from "node:fs";
import { declaredTexts } from "./declared.js";

const PAGE = new URL("../../static/", import.meta.url);

const scripts = readdirSync(PAGE, { recursive: true })
  .map((name) => String(name).replaceAll("\\", "/"))
  .filter((name) => name.endsWith(".js") && !name.startsWith("vendor/") && name !== "core/texts.js");
const gathered = scripts.sort().flatMap((name) => {
  const source = readFileSync(new URL(name, PAGE), "utf8");
  if (!source.includes("texts(import.meta.url")) return [];
  try {
    return [[name.replace(/\.js$/, ""), declaredTexts(source)]];
  } catch (error) {
    throw new Error(`static/${name}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
});
process.stdout.write(JSON.stringify(Object.fromEntries(gathered)));
