// Checks a bundle against the published definitions of FHIR R4, which the package `fhir` carries, and first
// that the check would notice what is wrong. Usage: node run.mjs BUNDLE; exit 1 if anything is not valid.
import { readFileSync } from "node:fs";
import fhirPackage from "fhir";

const { Fhir } = fhirPackage;
const fhir = new Fhir();
const problems = (resource) =>
  fhir
    .validate(resource, { errorOnUnexpected: true })
    .messages.filter(({ severity }) => severity === "error" || severity === "fatal");

const bundle = JSON.parse(readFileSync(process.argv[2], "utf8"));
const resources = bundle.entry.map(({ resource }) => resource);

const spoilt = [
  ["no agent", ({ agent, ...rest }) => rest],
  ["no type", ({ type, ...rest }) => rest],
  ["no source", ({ source, ...rest }) => rest],
  ["an action that is none", (resource) => ({ ...resource, action: "X" })],
  ["an unknown member", (resource) => ({ ...resource, patient: "x" })],
];
let wrong = 0;
for (const [what, spoil] of spoilt) {
  if (problems(spoil(structuredClone(resources[0]))).length === 0) {
    console.log(`the check does not notice: ${what}`);
    wrong += 1;
  }
}
for (const resource of [bundle, ...resources]) {
  for (const { location, message } of problems(resource)) {
    console.log(`${resource.id ?? "the bundle"}: ${location}: ${message}`);
    wrong += 1;
  }
}
console.log(`${resources.length} resources, ${wrong} problems`);
process.exit(wrong === 0 ? 0 : 1);
