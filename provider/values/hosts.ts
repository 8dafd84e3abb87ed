/** Whether an address is this very machine. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname)
  );
}

/** Whether an address is of the network's own cable, where clouds answer for their machines' credentials. */
export function isLinkLocal(url: string): boolean {
  const { hostname } = new URL(url);
  return (
    /^169\.254(?:\.\d{1,3}){2}$/.test(hostname) ||
    /^\[fe[89ab][0-9a-f]:/.test(hostname) ||
    /^\[::ffff:a9fe:/.test(hostname)
  );
}
