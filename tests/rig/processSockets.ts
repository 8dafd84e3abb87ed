import * as fs from "node:fs";

const LISTENING = "0A";

interface TcpSocket {
  /** As the kernel prints it. */
  readonly address: string;
  readonly port: number;
  readonly state: string;
}

/** The IPv4 addresses (a mapped one as the IPv4 address it is) and IPv6 addresses that a process listens on, from Linux's `/proc`. */
export function listeningAddresses(pid: number): string[] {
  return tcpSocketsOf(pid).flatMap(({ state, address }) => (state === LISTENING ? [decodeAddress(address)] : []));
}

/** Whether this end of a connection on this machine is a process's, from Linux's `/proc`; of a process that is gone none is. */
export function isPortOf(pid: number, port: number): boolean {
  return tcpSocketsOf(pid).some((socket) => socket.state !== LISTENING && socket.port === port);
}

function tcpSocketsOf(pid: number): TcpSocket[] {
  const sockets = new Set(openDescriptors(pid).map((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1]));
  return ["tcp", "tcp6"].flatMap((table) =>
    lines(`/proc/${pid}/net/${table}`)
      .slice(1)
      .flatMap((line) => {
        const [, local = "", , state = "", , , , , , inode = ""] = line.trim().split(/\s+/);
        const [address = "", port = ""] = local.split(":");
        return sockets.has(inode) ? [{ address, port: parseInt(port, 16), state }] : [];
      }),
  );
}

function openDescriptors(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return orNothing(() => fs.readdirSync(folder)).flatMap((name) =>
    orNothing(() => [fs.readlinkSync(`${folder}/${name}`)]),
  );
}

function lines(file: string): string[] {
  return orNothing(() => fs.readFileSync(file, "utf8").split("\n"));
}

/** A process, and what it has open, may be gone at any time. */
function orNothing(read: () => string[]): string[] {
  try {
    return read();
  } catch {
    return [];
  }
}

/** The kernel prints each four bytes as a number in the machine's byte order, which is little-endian here. */
function decodeAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse().map((byte) => parseInt(byte, 16)));
  const isMapped = bytes.length === 16 && bytes.slice(0, 12).join() === "0,0,0,0,0,0,0,0,0,0,255,255";
  return bytes.length === 4 || isMapped ? bytes.slice(-4).join(".") : bytes.map((byte) => byte.toString(16)).join(":");
}
