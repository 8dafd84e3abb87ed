/** The one file of a multipart body. */
export async function readUpload(
  raw: Buffer,
  contentType: string,
): Promise<{ name: string; content: Buffer } | undefined> {
  if (!contentType.startsWith("multipart/form-data")) return undefined;
  const form = await new Response(new Uint8Array(raw), { headers: { "content-type": contentType } }).formData();
  const files = [...form.values()].filter((each) => typeof each !== "string");
  const [file] = files;
  if (file === undefined || files.length > 1) return undefined;
  return { name: file.name, content: Buffer.from(await file.arrayBuffer()) };
}
