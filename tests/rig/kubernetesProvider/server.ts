/**
 * A resource provider of the name `kubernetes`, for tests only: it lets the real engine and the real SDK drive a real
 * cluster where the real provider cannot be had. Started by the engine as `pulumi-resource-kubernetes`.
 */
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService, type IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { connect, movesElsewhere } from "./configuration";
import { asObject, idOf } from "./inputs";
import { checkResponse, diffResponse, failure, fromStruct, initializationFailure, toStruct } from "./messages";
import * as operations from "./operations";
import { sdkVersion } from "./plugin";
import { NotReadyError } from "./waiting";

const canceled = new AbortController();
let provider: Promise<operations.Provider> | undefined;

async function configured(): Promise<operations.Provider> {
  if (provider === undefined) throw new Error("the provider is not configured");
  return await provider;
}

/** A call's handler as a promise of its answer. */
function answering<Request, Response>(
  answer: (request: Request) => Promise<Response> | Response,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve(call.request)
      .then(answer)
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(isServiceError(error) ? error : failure(error)),
      );
  };
}

function isServiceError(error: unknown): error is grpc.ServiceError {
  return error instanceof Error && "metadata" in error;
}

/** What was made and did not become ready is told apart from what was not made. */
async function made(
  inputs: operations.Properties,
  act: () => Promise<operations.Properties>,
): Promise<operations.Properties> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof NotReadyError)) throw error;
    throw initializationFailure(idOf(error.object), error.object, inputs, error.reasons);
  }
}

const handlers: Partial<IResourceProviderServer> = {
  getPluginInfo: answering(async () => new PluginInfo().setVersion(await sdkVersion())),

  checkConfig: answering((request: messages.CheckRequest) => checkResponse(fromStruct(request.getNews()))),

  diffConfig: answering(async (request: messages.DiffRequest) => {
    const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
    const changed = Object.keys({ ...olds, ...news }).filter((key) => olds[key] !== news[key]);
    const replaces = (await movesElsewhere(olds, news)) ? changed : [];
    return diffResponse({ changed, replaces, deleteBeforeReplace: false });
  }),

  configure: answering(async (request: messages.ConfigureRequest) => {
    provider = connect(fromStruct(request.getArgs()), canceled.signal);
    await provider;
    return new messages.ConfigureResponse().setSupportspreview(true);
  }),

  check: answering(async (request: messages.CheckRequest) => {
    const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
    const seed = request.getRandomseed_asU8();
    return checkResponse(await operations.check(await configured(), request.getUrn(), olds, news, seed));
  }),

  diff: answering(async (request: messages.DiffRequest) => {
    const [olds, news] = [fromStruct(request.getOldInputs()), fromStruct(request.getNews())];
    return diffResponse(await operations.diff(await configured(), request.getUrn(), olds, news));
  }),

  create: answering(async (request: messages.CreateRequest) => {
    const inputs = fromStruct(request.getProperties());
    if (request.getPreview()) return new messages.CreateResponse().setProperties(toStruct(inputs));
    const at = await configured();
    const outputs = await made(inputs, () => operations.create(at, request.getUrn(), inputs, request.getTimeout()));
    return new messages.CreateResponse().setId(idOf(asObject(outputs))).setProperties(toStruct(outputs));
  }),

  update: answering(async (request: messages.UpdateRequest) => {
    const inputs = fromStruct(request.getNews());
    if (request.getPreview()) {
      return new messages.UpdateResponse().setProperties(toStruct({ ...fromStruct(request.getOlds()), ...inputs }));
    }
    const at = await configured();
    const outputs = await made(inputs, () => operations.update(at, request.getUrn(), inputs, request.getTimeout()));
    return new messages.UpdateResponse().setProperties(toStruct(outputs));
  }),

  read: answering(async (request: messages.ReadRequest) => {
    const inputs = fromStruct(request.getInputs());
    const found = await operations.read(await configured(), request.getUrn(), request.getId(), inputs);
    if (found === undefined) return new messages.ReadResponse();
    if (found.reasons !== undefined) {
      throw initializationFailure(found.id, found.outputs, found.inputs, found.reasons);
    }
    const answer = new messages.ReadResponse().setId(found.id).setProperties(toStruct(found.outputs));
    return answer.setInputs(toStruct(found.inputs));
  }),

  delete: answering(async (request: messages.DeleteRequest) => {
    const outputs = fromStruct(request.getProperties());
    await operations.remove(await configured(), request.getUrn(), request.getId(), outputs, request.getTimeout());
    return new Empty();
  }),

  cancel: answering(() => {
    canceled.abort();
    return new Empty();
  }),
};

function main(): void {
  const unlimited = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
  const server = new grpc.Server(unlimited);
  server.addService(ResourceProviderService, handlers as grpc.UntypedServiceImplementation);
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    // The first line tells the engine where to call.
    process.stdout.write(`${port}\n`);
  });
}

/** An engine that was killed tells nobody: whoever outlives it would stay for ever. */
function endWithEngine(): void {
  const engine = process.ppid;
  setInterval(() => {
    if (process.ppid !== engine) process.exit();
  }, 1000).unref();
}

endWithEngine();
main();
