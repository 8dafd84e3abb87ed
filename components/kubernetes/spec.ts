import type { JsonObject } from "./strategicMerge";
import type { LoggingSpec } from "./logging";

/** What one process gets: CPU in thousandths, memory in bytes. */
export interface ProcessSpec {
  readonly cpu: number;
  readonly cpuLimit?: number;
  readonly memory: number;
}

export interface StorageSpec {
  readonly uri: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly pathStyleAccess?: boolean;
  readonly plugin?: string | false;
  /** The keys of a Secret that exists. */
  readonly secret?: { readonly name: string; readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly volume?: { readonly mountPath: string; readonly source: JsonObject };
}

export interface ExtraVolumeSpec {
  readonly name: string;
  readonly source: JsonObject;
  readonly mountPath: string;
  readonly readOnly?: boolean;
  readonly subPath?: string;
}

/**
 * A cluster with all defaults filled in. What may hold secrets is not here: Flink's configuration, environment variables
 * and pod templates go their own ways, so that a secret in one of them makes nothing else a secret.
 */
export interface ClusterSpec {
  readonly flinkVersion: string;
  readonly image: string;
  readonly imagePullPolicy?: string;
  readonly imagePullSecrets: readonly string[];
  readonly numberOfTaskManagers: number;
  readonly slotsPerTaskManager: number;
  readonly jobManager: ProcessSpec & { readonly replicas: number };
  readonly taskManager: ProcessSpec;
  readonly storage?: StorageSpec;
  readonly highAvailability: boolean;
  readonly logging: LoggingSpec;
  readonly volumes: readonly ExtraVolumeSpec[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** One that exists. */
  readonly serviceAccountName?: string;
  readonly serviceAccountAnnotations: Readonly<Record<string, string>>;
  /** Paths in the image. */
  readonly localArtifacts: readonly string[];
  readonly rollout: "REPLACE" | "IN_PLACE";
}

/** What pods are made of beside the spec. */
export interface PodParts {
  readonly envVars: readonly JsonObject[];
  readonly envFrom: readonly JsonObject[];
  readonly podTemplate: JsonObject;
  readonly jobManagerPodTemplate: JsonObject;
  readonly taskManagerPodTemplate: JsonObject;
}
