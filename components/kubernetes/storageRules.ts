import { given } from "../../provider/values/unknown";
import { posix } from "node:path";
import type { Fail } from "./findings";
import type { CheckedArgs } from "./schema";
import { isS3, pathOf, schemeOf } from "./storage";

/** What must hold for the one place of all that outlives the pods. */
export function storageRules({ storage, rollout }: CheckedArgs, fail: Fail, warnings: string[]): void {
  if (storage === undefined) return;
  const { uri, volume, credentials } = storage;
  if (given(uri)) {
    const onVolume = schemeOf(uri) === "file";
    if (onVolume && volume === undefined) {
      fail("storage.volume", `is required for ${uri}: what is on a pod's own disk goes with the pod`);
    }
    if (!onVolume && volume !== undefined) {
      fail("storage.volume", `is for storage.uri "file:///…" only, which is ${uri}`);
    }
    for (const name of ["credentials", "endpoint", "region", "pathStyleAccess"] as const) {
      if (storage[name] !== undefined && !isS3(uri)) {
        fail(
          `storage.${name}`,
          `is for S3 only; for ${schemeOf(uri)}:// use flinkConfiguration, kubernetes.envVars or kubernetes.volumes`,
        );
      }
    }
  }
  if (credentials !== undefined) {
    const plain = credentials.accessKeyId !== undefined || credentials.secretAccessKey !== undefined;
    if (plain === (credentials.secretName !== undefined)) {
      fail("storage.credentials", "must be either accessKeyId and secretAccessKey, or secretName");
    } else if (plain && (credentials.accessKeyId === undefined || credentials.secretAccessKey === undefined)) {
      fail("storage.credentials", "must hold both accessKeyId and secretAccessKey");
    }
  }
  if (volume !== undefined) {
    if ((volume.claim === undefined) === (volume.source === undefined)) {
      fail("storage.volume", "must hold exactly one of claim and source");
    }
    if (given(uri) && schemeOf(uri) === "file" && given(volume.mountPath) && !isWithin(pathOf(uri), volume.mountPath)) {
      fail(
        "storage.volume.mountPath",
        `must be the folder of storage.uri, ${pathOf(uri)}, or one above it, but is ${volume.mountPath}: what Flink keeps ` +
          "would be on the pods' own disks, and go with them; leave it out for that very folder",
      );
    }
    if (given(volume.accessModes) && !isShared(volume.accessModes) && rollout === "REPLACE") {
      warnings.push(
        `storage.volume: its access modes are ${volume.accessModes.join(", ")}: only one node can mount it, so a new ` +
          'cluster on another node would wait for the old one to go, and time out. Use ReadWriteMany, or rollout: "IN_PLACE"',
      );
    }
  }
}

function isShared(accessModes: readonly string[]): boolean {
  return accessModes.length === 0 || accessModes.includes("ReadWriteMany");
}

function isWithin(path: string, folder: string): boolean {
  const [first] = posix.relative(folder, path).split("/");
  return first !== "..";
}
