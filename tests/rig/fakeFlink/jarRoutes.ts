/** The `/jars` part of the API. */
import { handlerError } from "./javaErrors";
import { readJar } from "./jars";
import {
  jobIdIn,
  optionalBoolean,
  optionalNumber,
  optionalString,
  parseBody,
  stringList,
  stringMap,
} from "./requestBody";
import type { Answer, RouteRequest } from "./route";
import { readUpload } from "./upload";

const BODY = "JarRunRequestBody";
const CLAIM_MODES = ["LEGACY", "CLAIM", "NO_CLAIM"];

export async function uploadJar(request: RouteRequest): Promise<Answer> {
  const file = await readUpload(request.raw, request.contentType);
  if (file === undefined) throw handlerError(400, "Exactly 1 file must be sent, received 0.");
  if (!file.name.endsWith(".jar")) throw handlerError(400, "Only Jar files are allowed.");
  const jar = await readJar(file.name, file.content);
  request.cluster.jars.set(jar.id, jar);
  return { status: 200, body: { filename: `${request.cluster.uploadDirectory}/${jar.id}`, status: "success" } };
}

export function deleteJar(request: RouteRequest): Answer {
  const [id = ""] = request.ids;
  if (!request.cluster.jars.delete(id)) {
    throw handlerError(400, `File ${id} does not exist in ${request.cluster.uploadDirectory}.`);
  }
  return { status: 200, body: {} };
}

export function runJar(request: RouteRequest): Answer {
  const { cluster } = request;
  const [jarId = ""] = request.ids;
  const body = parseBody(request.raw, BODY);
  const flinkConfiguration = stringMap(body, "flinkConfiguration", BODY);
  const programArgs = cluster.settings.version === "1.20.0" ? optionalString(body, "programArgs", BODY) : undefined;
  const configured = flinkConfiguration["parallelism.default"] ?? cluster.settings.configuration["parallelism.default"];
  const jobId = cluster.run(cluster.jarOf(jarId), {
    jarId,
    jobId: jobIdIn(body, BODY) ?? cluster.generateId(),
    entryClass: optionalString(body, "entryClass", BODY),
    programArgs: stringList(body, "programArgsList", BODY) ?? programArgs?.split(/\s+/).filter(Boolean) ?? [],
    parallelism: optionalNumber(body, "parallelism", BODY) ?? Number(configured ?? 1),
    savepointPath: optionalString(body, "savepointPath", BODY),
    allowNonRestoredState: optionalBoolean(body, "allowNonRestoredState", BODY) ?? false,
    claimMode:
      optionalString(body, "claimMode", BODY, CLAIM_MODES) ?? optionalString(body, "restoreMode", BODY, CLAIM_MODES),
    flinkConfiguration,
  });
  return {
    status: 200,
    body: { jobid: jobId, ...(cluster.settings.version === "2.3.0" && { applicationId: jobId }) },
  };
}
