import { z } from "zod";

/* What is read of Kubernetes' objects. What else they hold is none of this package's business. */

const metadata = z.object({
  name: z.string(),
  uid: z.string().optional(),
  generation: z.number().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  deletionTimestamp: z.string().optional(),
});

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
});

const terminated = z.object({
  exitCode: z.number().optional(),
  reason: z.string().optional(),
  message: z.string().optional(),
});

const containerStatus = z.object({
  name: z.string(),
  ready: z.boolean().optional(),
  restartCount: z.number().optional(),
  state: z
    .object({
      waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
      terminated: terminated.optional(),
    })
    .optional(),
  lastState: z.object({ terminated: terminated.optional() }).optional(),
});

export const podSchema = z.object({
  metadata,
  spec: z.object({
    containers: z.array(
      z.object({
        name: z.string(),
        ports: z.array(z.object({ name: z.string().optional(), containerPort: z.number() })).optional(),
      }),
    ),
  }),
  status: z.object({
    phase: z.string().optional(),
    conditions: z.array(condition).optional(),
    initContainerStatuses: z.array(containerStatus).optional(),
    containerStatuses: z.array(containerStatus).optional(),
  }),
});

export const serviceSchema = z.object({
  metadata,
  spec: z.object({
    selector: z.record(z.string(), z.string()).optional(),
    ports: z.array(z.object({ port: z.number(), targetPort: z.union([z.number(), z.string()]).optional() })).optional(),
  }),
});

export const deploymentSchema = z.object({
  metadata,
  spec: z.object({ replicas: z.number().optional() }),
  status: z
    .object({
      observedGeneration: z.number().optional(),
      replicas: z.number().optional(),
      updatedReplicas: z.number().optional(),
      availableReplicas: z.number().optional(),
      conditions: z.array(condition).optional(),
    })
    .optional(),
});

export const configMapSchema = z.object({ metadata });

export type Workload = z.infer<typeof deploymentSchema>;
export type ContainerStatus = z.infer<typeof containerStatus>;
export type Pod = z.infer<typeof podSchema>;

export function listOf<T>(item: z.ZodType<T>): z.ZodType<{ items: T[] }> {
  return z.object({ items: z.array(item) });
}

/** Whether a pod takes requests: as the endpoints of its Services go. */
export function isReady({ metadata: { deletionTimestamp }, status }: Pod): boolean {
  return (
    deletionTimestamp === undefined &&
    (status.conditions ?? []).some(({ type, status: value }) => type === "Ready" && value === "True")
  );
}
