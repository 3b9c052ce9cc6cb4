// What a client in JavaScript does, one step after the other. `ways` says how it asks: each is a function of the client's own.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

export const load = (name) => createRequire(process.env.CLIENTS + "/")(name);
export const loadModule = (path) => import(pathToFileURL(`${process.env.CLIENTS}/node_modules/${path}`));

const interacts = (capability, type, code) =>
  (capability.rest[0].resource ?? []).some((one) => one.type === type && (one.interaction ?? []).some((each) => each.code === code));

const claims = (capability, name) => {
  const [rest] = capability.rest;
  const every = [...(rest.operation ?? []), ...(rest.resource ?? []).flatMap((one) => one.operation ?? [])];
  return every.some((one) => one.name === name);
};

export async function walk(make) {
  const [base, path, poorPath] = process.argv.slice(2);
  const [refill, poor] = [path, poorPath].map((each) => JSON.parse(readFileSync(each)));
  const told = {};
  const ways = await make(base);
  const capability = await ways.discover();
  told.discover = capability.fhirVersion;
  told.validate = (await ways.validate(refill)).resourceType;
  const made = await ways.operate("$refill-to-claim", refill);
  told.code = made.entry[0].resource.resourceType;
  try {
    await ways.operate("$refill-to-claim", poor);
  } catch (refused) {
    told.error = ways.outcome(refused).issue[0].details.coding[0].code;
  }
  if (claims(capability, "submit")) {
    const answer = await ways.operate("Claim/$submit", made);
    told.submit = answer.outcome;
    const number = answer.request.reference.split("/").pop();
    told.x12 = await (await fetch(`${base}/Claim/${number}/$to-x12`)).text();
    if (interacts(capability, "ClaimResponse", "read")) {
      told.poll = (await ways.read("ClaimResponse", answer.id)).outcome;
      told.read = (await ways.read("Claim", number)).resourceType;
    }
  }
  if (interacts(capability, "Claim", "search-type")) {
    const found = await ways.search("Claim", { identifier: made.entry[0].resource.identifier[0].value });
    told.search = (found.entry ?? found).length;
  }
  try {
    await ways.read("Claim", "nowhere");
  } catch (refused) {
    told.missing = String(ways.status(refused));
  }
  console.log(JSON.stringify(told));
}
