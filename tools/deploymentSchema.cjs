/**
 * A part of `npm run build`: writes the JSON schema of Deployment documents, which editors check them with, to
 * schemas/deployment.json.
 */
const fs = require("node:fs");
const path = require("node:path");

const root = path.join(__dirname, "..");
const { deploymentJsonSchema } = require(path.join(root, "bin/components/manifest/jsonSchema"));

fs.mkdirSync(path.join(root, "schemas"), { recursive: true });
fs.writeFileSync(path.join(root, "schemas/deployment.json"), `${JSON.stringify(deploymentJsonSchema(), null, 2)}\n`);
