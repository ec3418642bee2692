/**
 * Addresses of this server. It stands at the root of its host, or below a path that a proxy takes away, as behind
 * JupyterHub: `/user/ada/proxy/8265/runs/1` is `/runs/1` there.
 */

/** What the address of this very file has before `/static`; nothing where it is read from a disk, in tests. */
const PREFIX = import.meta.url.startsWith("http")
  ? new URL(import.meta.url).pathname.replace(/\/static\/(?:[0-9a-f]{16}\/)?core\/address\.js$/, "")
  : "";

/** Where a browser finds what the server has at a path from its root. @param {string} path */
export const at = (path) => PREFIX + path;

/** The path from the server's root to the page that is open. */
export const openPath = () => location.pathname.slice(PREFIX.length);
