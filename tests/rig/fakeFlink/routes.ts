/** Which request of Flink's REST API does what to the cluster. */
import type { Cluster } from "./cluster";
import { checkpointConfig, checkpoints } from "./checkpointViews";
import * as clusterViews from "./clusterViews";
import type { FakeJob } from "./job";
import {
  handlerError,
  HttpFailure,
  internalError,
  jobNotFound,
  jobInitializingException,
  jobNotFoundException,
  operationFailure,
  pathParameterError,
  snapshotMissing,
  withoutRequirementsException,
  stackTrace,
} from "./javaErrors";
import { deleteJar, runJar, uploadJar } from "./jarRoutes";
import * as jobViews from "./jobViews";
import type { Answer, RouteRequest } from "./route";
import { optionalBoolean, optionalString, parseBody, triggerIdOf } from "./requestBody";

interface Route {
  method: string;
  path: RegExp;
  /** Only where `web.submit.enable` is on. */
  submit?: boolean;
  handle: (request: RouteRequest) => Answer | Promise<Answer>;
}

const ok = (body: unknown): Answer => ({ status: 200, body });
const HEX_ID = /^[0-9a-f]{32}$/i;

function jobIdOf(request: RouteRequest): string {
  const [id = ""] = request.ids;
  if (!HEX_ID.test(id)) throw pathParameterError("jobid", id);
  return id.toLowerCase();
}

/** The job, one poll further. */
function polled(request: RouteRequest): FakeJob {
  const id = jobIdOf(request);
  const job = request.cluster.jobs.get(id);
  if (job === undefined) throw jobNotFound(id);
  job.poll();
  return job;
}

function allPolled(cluster: Cluster): FakeJob[] {
  const jobs = [...cluster.jobs.values()];
  for (const job of jobs) job.poll();
  return jobs;
}

function status(request: RouteRequest): Answer {
  const id = jobIdOf(request);
  // Flink has no handler for this one's unknown job: 500, unlike its neighbours.
  if (!request.cluster.jobs.has(id)) throw internalError([jobNotFoundException(id)]);
  return ok({ status: polled(request).status });
}

/** Only a job's own master knows it, and there is none any more once the job's end is kept. */
function resourceRequirements(request: RouteRequest): Answer {
  const id = jobIdOf(request);
  const job = request.cluster.jobs.get(id);
  if (job === undefined || job.ended) throw internalError([jobNotFoundException(id)]);
  throw internalError([withoutRequirementsException()]);
}

function withCheckpoints(request: RouteRequest, missing: (job: FakeJob) => string): FakeJob {
  const job = polled(request);
  if (job.jobType === "BATCH" || job.isResultAlone) throw handlerError(404, missing(job));
  return job;
}

function detail(request: RouteRequest): Answer {
  const { cluster } = request;
  const job = polled(request);
  if (job.isResultAlone && cluster.settings.version === "1.20.0") {
    throw internalError([{ className: "java.lang.NullPointerException", message: "" }]);
  }
  return ok(cluster.cached(job.id, () => jobViews.jobDetail(cluster, job)));
}

function exceptionHistory(request: RouteRequest): Answer {
  const { cluster } = request;
  const job = polled(request);
  return ok(cluster.cached(`${job.id}/exceptions`, () => jobViews.exceptions(cluster, job)));
}

function checkpointStatistics(request: RouteRequest): Answer {
  const job = withCheckpoints(request, () => "Checkpointing has not been enabled.");
  if (job.status === "INITIALIZING") throw internalError([jobInitializingException()]);
  return ok(request.cluster.cached(`${job.id}/checkpoints`, () => checkpoints(job)));
}

function metrics(request: RouteRequest): Answer {
  const job = request.cluster.jobs.get(jobIdOf(request));
  // Flink knows the metrics of jobs that run, and answers for others as for a job without metrics.
  if (job === undefined || job.ended) return ok([]);
  const known = new Map([["numRestarts", job.numRestarts]]);
  const wanted = request.query.get("get");
  if (wanted === null) return ok([...known.keys()].map((id) => ({ id })));
  return ok(wanted.split(",").flatMap((id) => (known.has(id) ? [{ id, value: String(known.get(id)) }] : [])));
}

function cancel(request: RouteRequest): Answer {
  const id = jobIdOf(request);
  const mode = request.query.get("mode");
  if (mode !== null && mode !== "cancel") throw pathParameterError("mode", mode, "query");
  const job = request.cluster.jobs.get(id);
  if (job === undefined) throw handlerError(404, "Job could not be found.", [jobNotFoundException(id)]);
  request.cluster.cancel(job);
  return { status: 202, body: {} };
}

function startOperation(request: RouteRequest, kind: "stop" | "savepoint"): Answer {
  const id = jobIdOf(request);
  const { cluster } = request;
  const name = kind === "stop" ? "StopWithSavepointRequestBody" : "SavepointTriggerRequestBody";
  const body = parseBody(request.raw, name);
  const triggerId = triggerIdOf(body, name) ?? cluster.generateId();
  const format = optionalString(body, "formatType", name, ["CANONICAL", "NATIVE"]) ?? "CANONICAL";
  const field = kind === "stop" ? "targetDirectory" : "target-directory";
  const { configuration } = cluster.settings;
  const directory =
    optionalString(body, field, name) ??
    configuration["execution.checkpointing.savepoint-dir"] ??
    configuration["state.savepoints.dir"];
  if (directory === undefined) {
    const message = `Config key [execution.checkpointing.savepoint-dir] is not set. Property [${field}] must be provided.`;
    throw handlerError(400, message);
  }
  const afterSavepoint = optionalBoolean(body, "cancel-job", name) === true ? "cancel" : "goOn";
  const then = kind === "stop" ? "stop" : afterSavepoint;
  cluster.operations.start(
    id,
    cluster.jobs.get(id),
    { triggerId, directory, format, then },
    cluster.polls(kind),
    (job, attempt, started) => cluster.script.savepoint(job, attempt, started),
  );
  return { status: 202, body: { "request-id": triggerId } };
}

function operation(request: RouteRequest): Answer {
  const id = jobIdOf(request);
  const trigger = request.ids[1] ?? "";
  if (!HEX_ID.test(trigger)) throw pathParameterError("triggerid", trigger);
  request.cluster.jobs.get(id)?.poll();
  const found = request.cluster.operations.find(id, trigger.toLowerCase());
  if (found === undefined) {
    throw handlerError(404, `There is no savepoint operation with triggerId=${trigger.toLowerCase()} for job ${id}.`);
  }
  return ok({ status: { id: found.status }, operation: found.operation });
}

function dispose(request: RouteRequest): Answer {
  const body = parseBody(request.raw, "SavepointDisposalRequest");
  const path = optionalString(body, "savepoint-path", "SavepointDisposalRequest");
  if (path === undefined) throw handlerError(400, "Field savepoint-path must not be omitted or be null.");
  const triggerId = request.cluster.generateId();
  request.cluster.disposals.set(triggerId, request.cluster.settings.storage.delete(path) ? undefined : path);
  return ok({ "request-id": triggerId });
}

function disposal(request: RouteRequest): Answer {
  const [triggerId = ""] = request.ids;
  if (!request.cluster.disposals.has(triggerId)) {
    const message = "Operation not found under key: org.apache.flink.runtime.rest.handler.async.OperationKey@1f";
    throw new HttpFailure(404, [
      stackTrace([{ className: "org.apache.flink.runtime.rest.NotFoundException", message }]),
    ]);
  }
  const missing = request.cluster.disposals.get(triggerId);
  const failed =
    missing === undefined
      ? {}
      : operationFailure(
          [
            {
              className: "org.apache.flink.util.FlinkException",
              message: `Could not dispose savepoint ${missing}.`,
            },
            snapshotMissing(missing),
          ],
          false,
        );
  return ok({ status: { id: "COMPLETED" }, operation: failed });
}

const JOB = "/jobs/([^/]+)";
const at = (path: string): RegExp => new RegExp(`^${path}/?$`);

const ROUTES: readonly Route[] = [
  { method: "GET", path: at("/overview"), handle: ({ cluster }) => ok(clusterViews.overview(cluster)) },
  { method: "GET", path: at("/config"), handle: ({ cluster }) => ok(clusterViews.config(cluster)) },
  {
    method: "GET",
    path: at("/jobmanager/config"),
    handle: ({ cluster }) => ok(clusterViews.jobManagerConfig(cluster)),
  },
  { method: "GET", path: at("/taskmanagers"), handle: ({ cluster }) => ok(clusterViews.taskManagers(cluster)) },
  {
    method: "GET",
    path: at("/jars"),
    submit: true,
    handle: ({ cluster, address }) => ok(clusterViews.jars(cluster, address)),
  },
  { method: "POST", path: at("/jars/upload"), submit: true, handle: uploadJar },
  { method: "POST", path: at("/jars/([^/]+)/run"), submit: true, handle: runJar },
  { method: "DELETE", path: at("/jars/([^/]+)"), submit: true, handle: deleteJar },
  {
    method: "GET",
    path: at("/jobs"),
    handle: ({ cluster }) => ok({ jobs: allPolled(cluster).map((job) => ({ id: job.id, status: job.status })) }),
  },
  {
    method: "GET",
    path: at("/jobs/overview"),
    handle: ({ cluster }) => ok({ jobs: allPolled(cluster).map((job) => jobViews.jobOverview(cluster, job)) }),
  },
  { method: "GET", path: at(JOB), handle: detail },
  { method: "PATCH", path: at(JOB), handle: cancel },
  { method: "GET", path: at(`${JOB}/status`), handle: status },
  {
    method: "GET",
    path: at(`${JOB}/config`),
    handle: (request) => ok(jobViews.jobConfig(request.cluster, polled(request))),
  },
  {
    method: "GET",
    path: at(`${JOB}/exceptions`),
    handle: exceptionHistory,
  },
  {
    method: "GET",
    path: at(`${JOB}/checkpoints`),
    handle: checkpointStatistics,
  },
  {
    method: "GET",
    path: at(`${JOB}/checkpoints/config`),
    handle: (request) =>
      ok(checkpointConfig(withCheckpoints(request, (job) => `Checkpointing is not enabled for this job (${job.id}).`))),
  },
  { method: "GET", path: at(`${JOB}/resource-requirements`), handle: resourceRequirements },
  { method: "GET", path: at(`${JOB}/metrics`), handle: metrics },
  { method: "POST", path: at(`${JOB}/stop`), handle: (request) => startOperation(request, "stop") },
  { method: "POST", path: at(`${JOB}/savepoints`), handle: (request) => startOperation(request, "savepoint") },
  { method: "GET", path: at(`${JOB}/savepoints/([^/]+)`), handle: operation },
  { method: "POST", path: at("/savepoint-disposal"), handle: dispose },
  { method: "GET", path: at("/savepoint-disposal/([^/]+)"), handle: disposal },
];

/** Answers as Flink does, errors included. */
export async function answer(method: string, url: URL, request: Omit<RouteRequest, "ids" | "query">): Promise<Answer> {
  for (const route of ROUTES) {
    const match = route.method === method ? route.path.exec(url.pathname) : null;
    if (match === null || (route.submit === true && !clusterViews.webSubmit(request.cluster))) continue;
    try {
      const ids = match.slice(1).map((each) => decodeURIComponent(each));
      return await route.handle({ ...request, ids, query: url.searchParams });
    } catch (error) {
      if (error instanceof HttpFailure) return { status: error.status, body: { errors: error.errors } };
      throw error;
    }
  }
  const message =
    method === "GET" ? `Unable to load requested file ${url.pathname}.` : `Not found: ${url.pathname}${url.search}`;
  return { status: 404, body: { errors: [message] } };
}
