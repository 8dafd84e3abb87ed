/** Uploaded jars, and jars for tests to upload. */
import { randomUUID } from "node:crypto";
import { crc32 } from "node:zlib";
import * as yauzl from "yauzl";

/** A jar that the cluster holds. */
export interface FakeJar {
  id: string;
  name: string;
  uploaded: number;
  content: Buffer;
  /** Why it cannot be opened, or undefined. */
  broken: string | undefined;
  mainClass: string | undefined;
  /** Names of the classes in it. */
  classes: ReadonlySet<string>;
}

export async function readJar(name: string, content: Buffer): Promise<FakeJar> {
  const jar = { id: `${randomUUID()}_${name}`, name, uploaded: Date.now(), content };
  try {
    const entries = await readEntries(content);
    const manifest = entries.get("META-INF/MANIFEST.MF") ?? "";
    const classes = [...entries.keys()].filter((each) => each.endsWith(".class"));
    return {
      ...jar,
      broken: undefined,
      mainClass: /^(?:program-class|Main-Class):\s*(\S+)/im.exec(manifest)?.[1],
      classes: new Set(classes.map((each) => each.slice(0, -".class".length).replaceAll("/", "."))),
    };
  } catch {
    return { ...jar, broken: "zip END header not found", mainClass: undefined, classes: new Set() };
  }
}

function readEntries(content: Buffer): Promise<Map<string, string>> {
  return new Promise((resolve, reject) => {
    yauzl.fromBuffer(content, { lazyEntries: true }, (error, zip) => {
      if (error !== null) {
        reject(error);
        return;
      }
      const entries = new Map<string, string>();
      zip.on("error", reject);
      zip.on("end", () => resolve(entries));
      zip.on("entry", (entry: yauzl.Entry) => {
        entries.set(entry.fileName, "");
        if (entry.fileName !== "META-INF/MANIFEST.MF") {
          zip.readEntry();
          return;
        }
        zip.openReadStream(entry, (failure, stream) => {
          if (failure !== null) {
            reject(failure);
            return;
          }
          const chunks: Buffer[] = [];
          stream.on("data", (chunk: Buffer) => chunks.push(chunk));
          stream.on("end", () => {
            entries.set(entry.fileName, Buffer.concat(chunks).toString());
            zip.readEntry();
          });
        });
      });
      zip.readEntry();
    });
  });
}

/**
 * A small valid jar: its main class, and a text that makes its sha256 differ from that of other jars.
 *
 * Only the fake can run it.
 */
export function makeJar(options: { mainClass?: string; classes?: string[]; content?: string } = {}): Buffer {
  const mainClass = options.mainClass ?? "org.example.Job";
  const classes = [mainClass, ...(options.classes ?? [])];
  return zip([
    ["META-INF/MANIFEST.MF", `Manifest-Version: 1.0\r\nMain-Class: ${mainClass}\r\n\r\n`],
    ...classes.map((each): [string, string] => [`${each.replaceAll(".", "/")}.class`, ""]),
    ["content.txt", options.content ?? ""],
  ]);
}

function zip(files: [string, string][]): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of files) {
    const nameBytes = Buffer.from(name);
    const data = Buffer.from(text);
    // What the local header and the central directory share: version, flags, stored, date, crc, sizes, name length.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, nameBytes, data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), common, rest, nameBytes]));
    bodies.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, central, end]);
}
