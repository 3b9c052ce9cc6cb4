// @medplum/core (npm) as an EHR.
import { load, walk } from "./walk.mjs";

const { MedplumClient } = load("@medplum/core");

await walk(async (base) => {
  const client = new MedplumClient({ baseUrl: base.replace(/fhir$/, ""), fhirUrlPath: "fhir", fetch, cacheTime: 0 });
  return {
    discover: () => client.get(client.fhirUrl("metadata")),
    validate: (resource) => client.validateResource(resource),
    operate: (path, input) => client.post(client.fhirUrl(...path.split("/")), input),
    read: (type, id) => client.readResource(type, id),
    search: (type, query) => client.search(type, query),
    outcome: (refused) => refused.outcome,
    status: (refused) => refused.outcome.issue[0].details.coding[0].code,
  };
});
