import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { RequestListener, ServerResponse } from "node:http";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { gzipSync } from "node:zlib";
import { FlinkClient } from "../../../provider/flink/client";
import { BadResponseError, ClusterUnreachableError, FlinkRequestError } from "../../../provider/flink/errors";
import { listen } from "./fakeServer";

const MEBIBYTE = 1024 * 1024;
const REQUEST_TIMEOUT_MS = 3_000;
/** What any single answer may cost; both ends are in this process. */
const MAX_GROWTH_BYTES = 700 * MEBIBYTE;
/** Far more than the request's own limit, on a machine that does other things. */
const MAX_DURATION_MS = 30_000;
const JOB = "0123456789abcdef0123456789abcdef";

interface Target {
  readonly url: string;
  close(): Promise<void>;
}

/** Answers with what speaks no proper HTTP. */
async function listenRaw(onConnection: (socket: Socket) => void): Promise<Target> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.resume();
    onConnection(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Writes for as long as anybody reads. */
function writeForEver(to: Writable, chunk: Buffer | string): void {
  const more = (): void => {
    while (!to.destroyed) {
      if (!to.write(chunk)) {
        to.once("drain", more);
        return;
      }
    }
  };
  more();
}

function drip(to: Writable, byte: string): void {
  const timer = setInterval(() => (to.destroyed ? clearInterval(timer) : to.write(byte)), 20);
  to.once("close", () => clearInterval(timer));
}

function answering(text: string | Buffer, headers: Record<string, string> = {}, status = 200): RequestListener {
  return (request, response) => {
    request.resume();
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
  };
}

/** Repeats a text up to so many bytes. */
function filled(part: string, bytes: number): string {
  return part.repeat(Math.floor(bytes / part.length));
}

type Call = (client: FlinkClient) => Promise<unknown>;

const overview: Call = (client) => client.overview();
const jobs: Call = (client) => client.jobs();
const job: Call = (client) => client.job(JOB);

interface Case {
  readonly what: string;
  readonly server: () => Promise<Target>;
  readonly call: Call;
  readonly error: abstract new (...args: never[]) => FlinkRequestError;
  readonly words: RegExp;
}

function http(listener: RequestListener): () => Promise<Target> {
  return () => listen(listener);
}

function raw(onConnection: (socket: Socket) => void): () => Promise<Target> {
  return () => listenRaw(onConnection);
}

const jobEntry = `{"jid":"${JOB}","name":"","state":"RUNNING","start-time":0,"end-time":-1,"tasks":{}}`;
const LARGE = 24 * MEBIBYTE;

const CASES: readonly Case[] = [
  {
    what: "a body without end",
    server: http((_request, response) => writeForEver(response, Buffer.alloc(MEBIBYTE, " "))),
    call: overview,
    error: BadResponseError,
    words: /larger than 32 MiB/,
  },
  {
    what: "gigabytes that it announces",
    server: http((_request, response) => {
      response.writeHead(200, { "content-length": String(64 * 1024 * MEBIBYTE) });
      writeForEver(response, Buffer.alloc(MEBIBYTE, "["));
    }),
    call: overview,
    error: BadResponseError,
    words: /larger than 32 MiB/,
  },
  {
    what: "one byte now and then",
    server: http((_request, response) => drip(response, " ")),
    call: overview,
    error: ClusterUnreachableError,
    words: /no complete answer in time/,
  },
  {
    what: "one byte of a header now and then",
    server: raw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nx-drip: ");
      drip(socket, "a");
    }),
    call: overview,
    error: ClusterUnreachableError,
    words: /no complete answer in time/,
  },
  {
    what: "headers without end",
    server: raw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      writeForEver(socket, `x-more: ${"a".repeat(1000)}\r\n`);
    }),
    call: overview,
    error: BadResponseError,
    words: /headers .*larger than 16 KiB/,
  },
  {
    what: "interim answers without end",
    server: raw((socket) => {
      const timer = setInterval(() => socket.write("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"), 1);
      socket.once("close", () => clearInterval(timer));
    }),
    call: overview,
    error: ClusterUnreachableError,
    words: /no complete answer in time/,
  },
  {
    what: "trailers without end",
    server: raw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n");
      writeForEver(socket, `x-more: ${"a".repeat(1000)}\r\n`);
    }),
    call: overview,
    error: BadResponseError,
    words: /headers .*larger than 16 KiB/,
  },
  {
    what: "a redirect to itself",
    server: http(answering("", { location: "/overview" }, 307)),
    call: overview,
    error: FlinkRequestError,
    words: /a redirect to another path of the same host, which was not followed/,
  },
  {
    what: "a compressed bomb",
    server: http(answering(gzipSync(Buffer.alloc(64 * MEBIBYTE, " ")), { "content-encoding": "gzip" })),
    call: overview,
    error: BadResponseError,
    words: /answered no JSON/,
  },
  {
    what: "JSON that is nested without end",
    server: http(answering(filled("[", LARGE))),
    call: overview,
    error: BadResponseError,
    words: /nested more than 64 levels deep/,
  },
  {
    what: "objects that are nested without end",
    server: http(answering(filled('{"jobs":', LARGE))),
    call: jobs,
    error: BadResponseError,
    words: /nested more than 64 levels deep/,
  },
  {
    what: "millions of empty objects",
    server: http(answering(`{"jobs":[${filled("{},", LARGE)}{}]}`)),
    call: jobs,
    error: BadResponseError,
    words: /made of more than 1000000 values/,
  },
  {
    what: "as many wrong items as are read",
    server: http(answering(`{"jobs":[${filled("0,", 1_900_000)}0]}`)),
    call: jobs,
    error: BadResponseError,
    words: /\(jobs\.0: Invalid input: expected object, received number\)/,
  },
  {
    what: "as many wrong values by name as are read",
    server: http(
      answering(
        jobEntry.replace(
          '"tasks":{}',
          `"now":1,"vertices":[{"parallelism":1,"maxParallelism":1,"tasks":{${Array.from({ length: 400_000 }, (_, index) => `"${index}":"x"`).join()}}}]`,
        ),
      ),
    ),
    call: job,
    error: BadResponseError,
    words: /\(vertices\.0\.tasks\.0: Invalid input: expected number, received string\)/,
  },
  {
    what: "a million jobs",
    server: http((_request, response) => {
      const thousand = `${`${jobEntry},`.repeat(1_000)}`;
      response.write('{"jobs":[');
      let sent = 0;
      const more = (): void => {
        while (sent < 1_000) {
          sent++;
          if (!response.write(thousand)) return void response.once("drain", more);
        }
        response.end(`${jobEntry}]}`);
      };
      more();
    }),
    call: jobs,
    error: BadResponseError,
    words: /larger than 32 MiB/,
  },
  {
    what: "a failure without end",
    server: http((_request, response) => {
      response.writeHead(500, { "content-type": "application/json" });
      writeForEver(response, "Caused by: a.b.C: d\n".repeat(1_000));
    }),
    call: overview,
    error: FlinkRequestError,
    words: /answered 500: Caused by/,
  },
  {
    what: "a stack trace of a hundred thousand wrappers",
    server: http(answering(JSON.stringify({ errors: [filled("java.lang.RuntimeException: ", 900_000)] }), {}, 500)),
    call: overview,
    error: FlinkRequestError,
    words: /answered 500: RuntimeException/,
  },
  {
    what: "a text on which patterns would go round and round",
    server: http(
      answering(JSON.stringify({ errors: [filled("Jar file File NotFoundException: Job ", 900_000)] }), {}, 400),
    ),
    call: (client) => client.runJar("a.jar", { jobId: JOB }, REQUEST_TIMEOUT_MS),
    error: FlinkRequestError,
    words: /answered 400: Jar file/,
  },
  {
    what: "numbers that nothing has",
    server: http(answering('{"flink-version":"1.20.0","taskmanagers":1e308,"slots-total":-1,"slots-available":0.5}')),
    call: overview,
    error: BadResponseError,
    words: /taskmanagers: .*slots-total: .*slots-available: /,
  },
  {
    what: "a time that no calendar has",
    server: http(answering(`{"jobs":[${jobEntry.replace('"start-time":0', '"start-time":9000000000000000')}]}`)),
    call: jobs,
    error: BadResponseError,
    words: /jobs\.0\.start-time: /,
  },
  {
    what: "a picture",
    server: http(answering(Buffer.from("89504e470d0a1a0a", "hex"), { "content-type": "image/png" })),
    call: overview,
    error: BadResponseError,
    words: /answered no JSON/,
  },
];

describe("a hostile server in Flink's place", function () {
  this.timeout(120_000);
  let target: Target | undefined;
  let client: FlinkClient;

  async function given(server: () => Promise<Target>): Promise<void> {
    target = await server();
    client = new FlinkClient({ url: target.url }, { requestTimeoutMs: REQUEST_TIMEOUT_MS });
  }

  afterEach(async () => {
    await client.close();
    await target?.close();
    target = undefined;
  });

  for (const { what, server, call, error: expected, words } of CASES) {
    it(`ends in an error, in bounded time and memory: ${what}`, async () => {
      await given(server);
      const before = process.memoryUsage.rss();
      let peak = before;
      const sample = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
      const started = Date.now();
      const error: unknown = await call(client).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      const duration = Date.now() - started;
      clearInterval(sample);
      peak = Math.max(peak, process.memoryUsage.rss());
      assert.ok(error instanceof expected, String(error).slice(0, 500));
      assert.match(error.message, words);
      assert.ok(error.message.length < 5_000, `a message of ${error.message.length} characters`);
      const cause = error.cause instanceof Error ? error.cause.message : "";
      assert.ok(cause.length < 20_000, `a cause of ${cause.length} characters`);
      assert.ok(duration < MAX_DURATION_MS, `${duration} ms`);
      assert.ok(peak - before < MAX_GROWTH_BYTES, `memory grew by ${Math.round((peak - before) / MEBIBYTE)} MiB`);
    });
  }

  describe("to an upload", () => {
    let directory: string;
    before(() => (directory = mkdtempSync(join(tmpdir(), "pulumi-flink-hostile-"))));
    after(() => rmSync(directory, { recursive: true, force: true }));

    const upload = () => {
      const file = join(directory, "job.jar");
      writeFileSync(file, Buffer.alloc(3 * MEBIBYTE));
      return client.uploadJar(file, "job.jar");
    };

    for (const [what, answer, words] of [
      ["that never ends", (response: ServerResponse) => drip(response, " "), /no complete answer in time/],
      [
        "that is endless and fast",
        (response: ServerResponse) => writeForEver(response, Buffer.alloc(MEBIBYTE, " ")),
        /larger than 32 MiB/,
      ],
    ] as const) {
      for (const when of ["after the file", "before it took any of the file"] as const) {
        it(`gives up an answer ${what}, ${when}`, async () => {
          await given(() =>
            listen((request, response) => {
              if (when === "after the file") request.resume().on("end", () => answer(response));
              else answer(response);
            }),
          );
          const started = Date.now();
          await assert.rejects(upload(), (error) => error instanceof FlinkRequestError && words.test(error.message));
          assert.ok(Date.now() - started < MAX_DURATION_MS);
        });
      }
    }
  });

  it("changes no object of this process with __proto__ keys", async () => {
    await given(() =>
      listen((request, response) => {
        const polluted = '"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}';
        const answers: Record<string, string> = {
          "/overview": `{${polluted},"flink-version":"1.20.0","taskmanagers":1,"slots-total":1,"slots-available":1}`,
          "/jobmanager/config": `[{"key":"__proto__","value":"polluted"},{"key":"constructor","value":"x"}]`,
          "/jobs/overview": `{"jobs":[{${polluted},${jobEntry.slice(1).replace('"tasks":{}', '"tasks":{"__proto__":1,"total":1}')}]}`,
          [`/jobs/${JOB}/config`]: `{"execution-config":{${polluted},"user-config":{"__proto__":"polluted","a":"b"}}}`,
        };
        response.end(answers[request.url ?? ""] ?? "{}");
      }),
    );
    assert.equal((await client.overview()).flinkVersion, "1.20.0");
    const configuration = await client.clusterConfiguration();
    const [listed] = await client.jobs();
    const { userConfig } = await client.jobConfiguration(JOB);
    assert.equal(listed?.tasks.total, 1);
    assert.equal(userConfig["a"], "b");
    for (const each of [{}, configuration, userConfig, listed ?? {}]) {
      assert.equal((each as { polluted?: unknown }).polluted, undefined);
      assert.equal(Object.getPrototypeOf(each), Object.prototype);
    }
  });
});
