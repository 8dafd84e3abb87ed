import assert from "node:assert/strict";
import { fileName, newId, type ContractCluster } from "./cluster";
import { assertError, assertFields, at, list, text } from "./http";
import * as shapes from "./shapes";

/** What Flink says of the cluster and of jars. */
export function describeCluster(current: () => ContractCluster): void {
  it("describes the cluster and its version", async () => {
    const { version, slots } = current().subject;
    const overview = (await current().get("/overview")).body;
    assertFields(overview, shapes.OVERVIEW);
    assert.equal(at(overview, "flink-version"), version);
    assert.equal(at(overview, "slots-total"), slots);
    const config = (await current().get("/config")).body;
    assertFields(config, shapes.CONFIG);
    assertFields(at(config, "features"), shapes.FEATURES);
    assert.equal(at(config, "features", "web-submit"), true);
    assert.equal(at(config, "flink-version"), version);
  });

  it("lists its configuration and its TaskManagers", async () => {
    const configuration = list((await current().get("/jobmanager/config")).body);
    for (const entry of configuration) assertFields(entry, ["key", "value"]);
    // Every JobManager process has a folder of its own, by which it is told from those before and after it.
    const folder = configuration.find((entry) => at(entry, "key") === "web.tmpdir");
    assert.match(text(folder, "value"), /\/flink-web-[0-9a-f-]{36}$/);
    const taskManagers = (await current().get("/taskmanagers")).body;
    assertFields(taskManagers, ["taskmanagers"]);
    const [first] = list(taskManagers, "taskmanagers");
    assertFields(first, shapes.taskManager(current().subject.version));
    assert.equal(at(first, "slotsNumber"), current().subject.slots);
    assert.equal(at(first, "freeSlots"), current().subject.slots);
  });

  it("tells a route that it does not have by the method", async () => {
    assertError(await current().get("/no/such/route"), 404, /^Unable to load requested file \/no\/such\/route\.$/);
    assertError(await current().send("POST", "/jobs/overview", {}), 404, /^Not found: \/jobs\/overview$/);
    assertError(await current().send("DELETE", `/jobs/${"a".repeat(32)}`), 404, /^Not found: \/jobs\/a+$/);
  });

  it("takes, lists and deletes a jar", async () => {
    const uploaded = await current().upload("my-job.jar");
    assertFields(uploaded.body, ["filename", "status"]);
    assert.equal(at(uploaded.body, "status"), "success");
    const id = fileName(uploaded);
    assert.match(id, /^[0-9a-f-]{36}_my-job\.jar$/);
    const jars = (await current().get("/jars")).body;
    assertFields(jars, ["address", "files"]);
    assert.equal(at(jars, "address"), current().subject.url);
    const jar = list(jars, "files").find((each) => at(each, "id") === id);
    assertFields(jar, ["id", "name", "uploaded", "entry"]);
    assert.equal(at(jar, "name"), "my-job.jar");
    assert.deepEqual(at(jar, "entry"), [{ name: "pulumiflink.counting.CountingJob", description: null }]);
    const deleted = await current().send("DELETE", `/jars/${id}`);
    assert.deepEqual([deleted.status, deleted.body], [200, {}]);
    const files = list((await current().get("/jars")).body, "files");
    assert.ok(files.every((each) => text(each, "id") !== id));
    assertError(await current().send("DELETE", `/jars/${id}`), 400, new RegExp(`File ${id} does not exist in /`));
  });

  it("refuses an upload that is no jar, or no file", async () => {
    assertError(await current().upload("job.txt"), 400, /RestHandlerException: Only Jar files are allowed\./);
    assertError(await current().send("POST", "/jars/upload", {}), 400, /Exactly 1 file must be sent, received 0\./);
  });

  it("takes a broken jar, and refuses to run it", async () => {
    const id = fileName(await current().upload("broken.jar", new TextEncoder().encode("no jar at all")));
    const listed = list((await current().get("/jars")).body, "files").find((each) => at(each, "id") === id);
    assert.deepEqual(at(listed, "entry"), []);
    const run = await current().send("POST", `/jars/${id}/run`, {});
    assertError(run, 500, /ProgramInvocationException: Error while opening jar file '/, /ZipException/);
    assert.equal(at(run.body, "errors", 0), "Internal server error.");
    await current().send("DELETE", `/jars/${id}`);
  });

  it("refuses to run a jar that is not there", async () => {
    const id = `${newId()}_gone.jar`;
    const run = await current().send("POST", `/jars/${id}/run`, {});
    assertError(run, 500, /^Internal server error\./, new RegExp(`Jar file \\S+/${id} does not exist`));
  });
}
