// fhir-kit-client (npm) as an EHR.
import { loadModule, walk } from "./walk.mjs";

const loaded = await loadModule("fhir-kit-client/dist/index.js");
const Client = loaded.default ?? loaded.Client ?? loaded;

await walk(async (base) => {
  const client = new Client({ baseUrl: base });
  const split = (path) => (path.includes("/") ? path.split("/$") : [undefined, path.slice(1)]);
  return {
    discover: () => client.capabilityStatement(),
    validate: (resource) => client.operation({ name: "validate", resourceType: resource.resourceType, input: resource }),
    operate: (path, input) => {
      const [resourceType, name] = split(path);
      return client.operation({ name, ...(resourceType ? { resourceType } : {}), input });
    },
    read: (resourceType, id) => client.read({ resourceType, id }),
    search: (resourceType, searchParams) => client.search({ resourceType, searchParams }),
    outcome: (refused) => refused.response.data,
    status: (refused) => refused.response.status,
  };
});
