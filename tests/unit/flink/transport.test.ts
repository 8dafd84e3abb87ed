import assert from "node:assert/strict";
import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { RequestListener } from "node:http";
import { inspect } from "node:util";
import { FlinkClient, type FlinkClientOptions } from "../../../provider/flink/client";
import type { FlinkConnection } from "../../../provider/flink/connection";
import {
  BadResponseError,
  ClusterUnreachableError,
  InvalidConnectionError,
  RequestRejectedError,
  UnauthorizedError,
} from "../../../provider/flink/errors";
import { flinkError, listen, serve, type FakeServer, type Replies } from "./fakeServer";

const CONFIG = "GET /jobmanager/config";
const GOOD = { body: [] };

describe("the Flink client's connection", () => {
  const opened: { close(): Promise<void> }[] = [];

  function connect(connection: FlinkConnection, options?: FlinkClientOptions): FlinkClient {
    const client = new FlinkClient(connection, options);
    opened.unshift(client);
    return client;
  }

  async function given(replies: Replies): Promise<FakeServer> {
    const server = await serve(replies);
    opened.push(server);
    return server;
  }

  async function givenListener(listener: RequestListener): Promise<FakeServer> {
    const server = await listen(listener);
    opened.push(server);
    return server;
  }

  async function failure(promise: Promise<unknown>): Promise<Error> {
    const error: unknown = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof Error, "it was expected to fail");
    return error;
  }

  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });

  describe("to an address where nothing answers", () => {
    async function closedPort(): Promise<number> {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      server.close();
      await once(server, "close");
      return port;
    }

    it("says that the cluster is unreachable, and that nothing was changed", async () => {
      const client = connect({ url: `http://127.0.0.1:${await closedPort()}` });
      const error = await failure(client.cancel("ff"));
      assert.ok(error instanceof ClusterUnreachableError);
      assert.equal(error.code, "FLINK_CLUSTER_UNREACHABLE");
      assert.equal(error.outcomeUnknown, false);
      assert.match(error.message, /ECONNREFUSED.*\(PATCH \/jobs\/ff\?mode=cancel at 127\.0\.0\.1:\d+\)$/);
    });

    it("says so, too, of a host with several addresses", async () => {
      const error = await failure(connect({ url: `http://localhost:${await closedPort()}` }).overview());
      assert.ok(error instanceof ClusterUnreachableError);
      assert.match(error.message, /ECONNREFUSED/);
    });

    it("says so of a host name that does not exist", async () => {
      const error = await failure(connect({ url: "http://no-such-host.invalid:8081" }).overview());
      assert.ok(error instanceof ClusterUnreachableError);
    });
  });

  describe("to a server that does not finish", () => {
    const never: RequestListener = () => undefined;
    const drip: RequestListener = (_request, response) => {
      response.write("[");
      const timer = setInterval(() => response.write(" "), 10);
      response.on("close", () => clearInterval(timer));
    };

    for (const [what, listener] of [
      ["never answers", never],
      ["drips its answer", drip],
    ] as const) {
      it(`gives up in time when it ${what}`, async () => {
        const server = await givenListener(listener);
        const client = connect({ url: server.url }, { requestTimeoutMs: 150 });
        const started = Date.now();
        const error = await failure(client.clusterConfiguration());
        assert.ok(error instanceof ClusterUnreachableError);
        assert.equal(error.outcomeUnknown, false);
        assert.ok(Date.now() - started < 5_000);
      });
    }

    it("says of a change that it may have been made", async () => {
      const server = await givenListener(never);
      const error = await failure(connect({ url: server.url }, { requestTimeoutMs: 100 }).cancel("ff"));
      assert.ok(error instanceof ClusterUnreachableError);
      assert.equal(error.outcomeUnknown, true);
      assert.match(error.message, /Whether Flink carried the request out is not known/);
    });

    it("gives main() of a jar its own time", async () => {
      const server = await givenListener((request, response) => {
        request.resume();
        setTimeout(() => response.end(JSON.stringify({ jobid: "f".repeat(32) })), 300);
      });
      const client = connect({ url: server.url }, { requestTimeoutMs: 50 });
      assert.equal(await client.runJar("a.jar", { jobId: "f".repeat(32) }, 10_000), "f".repeat(32));
    });
  });

  describe("with failures that pass", () => {
    for (const status of [408, 502, 503, 504, 524]) {
      it(`repeats a read after ${status}, twice at most`, async () => {
        const server = await given({ [CONFIG]: (_request, count) => (count < 2 ? { status, body: "" } : GOOD) });
        assert.deepEqual(await connect({ url: server.url }).clusterConfiguration(), {});
        assert.equal(server.seen.length, 3);
      });
    }

    it("repeats a read whose view Flink has cancelled, or of a job that it is just starting, and no other that it has failed at", async () => {
      const failing = (cause: string): Replies => ({
        [CONFIG]: (_request, count) =>
          count === 0 ? { status: 500, body: flinkError("Internal server error.", cause) } : GOOD,
      });
      const cancelled = await given(failing("java.util.concurrent.CancellationException\n\tat a.B.c(B.java:1)\n"));
      assert.deepEqual(await connect({ url: cancelled.url }).clusterConfiguration(), {});
      const starting = await given(
        failing(
          "org.apache.flink.runtime.dispatcher.UnavailableDispatcherOperationException: Unable to get JobMasterGateway " +
            "for initializing job. The requested operation is not available while the JobManager is initializing.\n" +
            "\tat a.B.c(B.java:1)\n",
        ),
      );
      assert.deepEqual(await connect({ url: starting.url }).clusterConfiguration(), {});
      const broken = await given(failing("java.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)\n"));
      await failure(connect({ url: broken.url }).clusterConfiguration());
      assert.deepEqual(
        [cancelled, starting, broken].map(({ seen }) => seen.length),
        [2, 2, 1],
      );
    });

    it("gives up after the third, with the server's words", async () => {
      const words = "Service temporarily unavailable due to an ongoing leader election. Please refresh.";
      const server = await given({ [CONFIG]: { status: 503, body: flinkError(words) } });
      const error = await failure(connect({ url: server.url }).clusterConfiguration());
      assert.ok(error instanceof ClusterUnreachableError);
      assert.ok(error.message.includes(words));
      assert.ok(!error.message.includes(".."));
      assert.equal(server.seen.length, 3);
    });

    it("repeats a read after a reset", async () => {
      let count = 0;
      const server = await givenListener((request, response) => {
        if (count++ === 0) request.socket.resetAndDestroy();
        else response.end("[]");
      });
      assert.deepEqual(await connect({ url: server.url }).clusterConfiguration(), {});
    });

    it("does not repeat a read after any other answer", async () => {
      const server = await given({ [CONFIG]: { status: 500, body: flinkError("Internal server error.") } });
      const error = await failure(connect({ url: server.url }).clusterConfiguration());
      assert.ok(error instanceof RequestRejectedError);
      assert.equal(server.seen.length, 1);
    });

    it("never repeats a change", async () => {
      const replies = [
        "POST /jobs/ff/stop",
        "POST /jobs/ff/savepoints",
        "PATCH /jobs/ff?mode=cancel",
        "DELETE /jars/a.jar",
        "POST /jars/a.jar/run",
        "POST /jars/upload",
      ];
      const server = await given(Object.fromEntries(replies.map((key) => [key, { status: 503, body: "" }])));
      const client = connect({ url: server.url });
      const changes = [
        client.stopWithSavepoint("ff", { triggerId: "ee" }),
        client.triggerSavepoint("ff", { triggerId: "ee" }),
        client.cancel("ff"),
        client.deleteJar("a.jar"),
        client.runJar("a.jar", { jobId: "ff" }, 5_000),
        client.uploadJar(__filename, "a.jar"),
      ];
      for (const change of changes) {
        const error = await failure(change);
        assert.ok(error instanceof ClusterUnreachableError && error.outcomeUnknown);
      }
      assert.equal(server.seen.length, changes.length);
    });

    it("never repeats a change after a reset", async () => {
      let count = 0;
      const server = await givenListener((request) => {
        count++;
        request.socket.resetAndDestroy();
      });
      const error = await failure(connect({ url: server.url }).cancel("ff"));
      assert.ok(error instanceof ClusterUnreachableError && error.outcomeUnknown);
      assert.equal(count, 1);
    });
  });

  describe("that is refused", () => {
    for (const status of [401, 403]) {
      it(`says which credentials were used after ${status}`, async () => {
        const server = await given({
          [CONFIG]: { status, body: { kind: "Status", message: "services is forbidden", code: status } },
        });
        const client = connect({ url: server.url }, { credentialsUsed: "the bearer token of the stack's state" });
        const error = await failure(client.clusterConfiguration());
        assert.ok(error instanceof UnauthorizedError);
        assert.equal(error.status, status);
        assert.match(error.message, /services is forbidden.*the bearer token of the stack's state/);
      });
    }

    it("does not follow a redirect, and does not repeat its address's secrets", async () => {
      const location = "https://login.example.org/authorize?state=sesame-42";
      const server = await given({ [CONFIG]: { status: 302, headers: { location }, body: "" } });
      const error = await failure(connect({ url: server.url }).clusterConfiguration());
      assert.ok(error instanceof RequestRejectedError);
      assert.match(error.message, /a redirect to https:\/\/login\.example\.org, which was not followed/);
      assert.ok(!inspect(error).includes("sesame-42"));
      assert.equal(server.seen.length, 1);
    });

    it("takes a Kubernetes service that does not exist for an unreachable cluster", async () => {
      const body = {
        kind: "Status",
        apiVersion: "v1",
        status: "Failure",
        message: 'services "flink" not found',
        reason: "NotFound",
        code: 404,
      };
      const server = await given({ [CONFIG]: { status: 404, body } });
      const error = await failure(connect({ url: server.url }).clusterConfiguration());
      assert.ok(error instanceof ClusterUnreachableError);
      assert.match(error.message, /services "flink" not found/);
      assert.equal(server.seen.length, 1);
    });
  });

  describe("to something else than Flink", () => {
    for (const [what, body, words] of [
      ["a web page", "<!doctype html><html></html>", /answered a web page.*login page/],
      ["nothing", "", /answered nothing/],
      ["other words", "pong", /answered no JSON/],
      ["other JSON", '{"hello":"world"}', /shape.*expected array, received object/],
    ] as const) {
      it(`says that it answered ${what}`, async () => {
        const server = await given({ [CONFIG]: { body } });
        const error = await failure(connect({ url: server.url }).clusterConfiguration());
        assert.ok(error instanceof BadResponseError);
        assert.match(error.message, words);
      });
    }

    it("says that it does not speak HTTP", async () => {
      const server = createServer((socket) => socket.resume().end("SSH-2.0-OpenSSH_9.6\r\n")).listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const error = await failure(connect({ url: `http://127.0.0.1:${port}` }).overview());
      server.close();
      await once(server, "close");
      assert.ok(error instanceof BadResponseError);
      assert.match(error.message, /does not speak HTTP/);
    });

    it("reads no more than 32 MiB of an endless answer", async () => {
      let sent = 0;
      const chunk = Buffer.alloc(1024 * 1024, " ");
      const server = await givenListener((_request, response) => {
        const more = () => {
          while (!response.destroyed && response.write(chunk)) sent++;
          sent++;
        };
        response.on("drain", more);
        more();
      });
      const error = await failure(connect({ url: server.url }).clusterConfiguration());
      assert.ok(error instanceof BadResponseError);
      assert.match(error.message, /larger than 32 MiB/);
      assert.ok(sent < 100, `${sent} MiB were taken`);
    });
  });

  describe("with secrets", () => {
    const headers = {
      Authorization: `Basic ${Buffer.from("alice:open sesame").toString("base64")}`,
      "X-Api-Key": "k-123456",
    };

    it("sends its headers with every request", async () => {
      const server = await given({ [CONFIG]: GOOD });
      await connect({ url: server.url, headers }).clusterConfiguration();
      assert.equal(server.seen[0]?.headers["x-api-key"], "k-123456");
      assert.equal(server.seen[0]?.headers.authorization, headers.Authorization);
    });

    it("turns credentials in the url into a header", async () => {
      const server = await given({ [CONFIG]: GOOD });
      const url = server.url.replace("//", "//alice:open%20sesame@");
      await connect({ url }).clusterConfiguration();
      assert.equal(server.seen[0]?.headers.authorization, headers.Authorization);
    });

    it("shows none of them, whatever a server echoes", async () => {
      const echo = `${headers.Authorization} | alice:open sesame | password=open sesame | k-123456`;
      for (const reply of [
        { status: 500, body: flinkError(echo) },
        { status: 500, body: `{"errors":["${echo.replaceAll(" ", "\\u0020").replaceAll("-", "\\u002d")}"]}` },
        { status: 401, body: echo },
        { status: 503, body: `<title>${echo}</title>` },
        { status: 404, body: { kind: "Status", message: echo } },
        { status: 302, headers: { location: `/login?${encodeURIComponent(echo)}` }, body: echo },
        { status: 200, body: `"${echo}"` },
      ]) {
        const server = await given({ [CONFIG]: reply });
        const error = await failure(connect({ url: server.url, headers }).clusterConfiguration());
        const shown = inspect(error, { depth: 10, showHidden: true });
        for (const secret of ["open sesame", "k-123456", headers.Authorization.slice("Basic ".length)]) {
          assert.ok(!shown.includes(secret), `${secret} in ${shown}`);
        }
      }
    });
  });

  describe("that cannot be used", () => {
    for (const [what, connection, words] of [
      ["a url that is none", { url: "flink:pa55word@nowhere:x" }, /start with http|not a URL/],
      ["a url without a scheme", { url: "//host:pa55word" }, /not a URL/],
      ["a url of another scheme", { url: "ftp://x:pa55word@host/" }, /must start with http: or https:/],
      ["a url with a query", { url: "http://host/?token=pa55word" }, /query/],
      ["a header with a line break", { url: "http://host", headers: { "X-A": "pa55word\r\nX-B: 1" } }, /X-A/],
      ["a header name with a space", { url: "http://host", headers: { "X A": "pa55word" } }, /X A/],
      [
        "a certificate authority that is no PEM",
        { url: "https://host", tls: { caCertificate: "pa55word" } },
        /caCertificate/,
      ],
      [
        "a client certificate without its key",
        { url: "https://host", tls: { clientCertificate: "pa55word" } },
        /together/,
      ],
      [
        "a client key that is no PEM",
        { url: "https://host", tls: { clientCertificate: "x", clientKey: "pa55word" } },
        /private key/,
      ],
    ] as [string, FlinkConnection, RegExp][]) {
      it(`is refused at once: ${what}`, () => {
        assert.throws(
          () => new FlinkClient(connection),
          (error) => {
            assert.ok(error instanceof InvalidConnectionError);
            assert.equal(error.code, "FLINK_INVALID_CONNECTION");
            assert.match(error.message, words);
            assert.ok(!inspect(error).includes("pa55word"));
            return true;
          },
        );
      });
    }
  });
});
