// fhirclient (npm) as an EHR: it posts application/json.
import { load, walk } from "./walk.mjs";

const smart = load("fhirclient");

await walk(async (base) => {
  const at = { headers: {}, url: "/", socket: {} };
  const client = smart(at, {}).client({ serverUrl: base });
  const post = (url, resource) => client.request({
    url, method: "POST", body: JSON.stringify(resource), headers: { "content-type": "application/json" },
  });
  return {
    discover: () => client.request("metadata"),
    validate: (resource) => post(`${resource.resourceType}/$validate`, resource),
    operate: post,
    read: (type, id) => client.request(`${type}/${id}`),
    search: (type, query) => client.request(`${type}?${new URLSearchParams(query)}`),
    outcome: (refused) => JSON.parse(refused.message.slice(refused.message.indexOf("{"))),
    status: (refused) => refused.status ?? refused.statusCode ?? refused.message.slice(0, 60),
  };
});
