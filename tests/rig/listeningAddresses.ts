import * as fs from "node:fs/promises";

const LISTENING = "0A";

/** The IPv4 addresses (a mapped one as the IPv4 address it is) and IPv6 addresses that a process listens on, from Linux's `/proc`. */
export async function listeningAddresses(pid: number): Promise<string[]> {
  const sockets = new Set<string>();
  for (const descriptor of await fs.readdir(`/proc/${pid}/fd`)) {
    const target = await fs.readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => "");
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined) {
      sockets.add(inode);
    }
  }
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((table) => fs.readFile(`/proc/${pid}/net/${table}`, "utf8").catch(() => "")),
  );
  return tables.flatMap((table) =>
    table
      .split("\n")
      .slice(1)
      .flatMap((line) => {
        const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
        return state === LISTENING && sockets.has(inode) ? [decodeAddress(local.split(":")[0] ?? "")] : [];
      }),
  );
}

/** The kernel prints each four bytes as a number in the machine's byte order, which is little-endian here. */
function decodeAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse().map((byte) => parseInt(byte, 16)));
  const isMapped = bytes.length === 16 && bytes.slice(0, 12).join() === "0,0,0,0,0,0,0,0,0,0,255,255";
  return bytes.length === 4 || isMapped ? bytes.slice(-4).join(".") : bytes.map((byte) => byte.toString(16)).join(":");
}
