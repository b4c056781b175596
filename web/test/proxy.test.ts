import { expect, it } from "vitest";
import { createServer, type ViteDevServer } from "vite";
import { handOn } from "../vite.config";

const quiet = { configFile: false, envFile: false, logLevel: "silent", optimizeDeps: { noDiscovery: true } } as const;
const start = async (server: ViteDevServer) => {
  await server.listen();
  return server.resolvedUrls?.local[0]?.replace(/\/$/, "") ?? "";
};

it("a call through the development server looks like one of the studio's own page", async () => {
  // What the studio's guard goes by: where a call says that it goes, and where it comes from.
  const configureServer = ({ middlewares }: ViteDevServer) => {
    middlewares.use("/api", (asked, answer) => {
      const { host, origin } = (asked as unknown as { headers: Record<string, string> }).headers;
      answer.end(JSON.stringify([host, origin]));
    });
  };
  const studio = await createServer({ ...quiet, plugins: [{ name: "guard", configureServer }], server: { host: "127.0.0.1", port: 0, ws: false } });
  const address = await start(studio);
  const development = await createServer({ ...quiet, server: { host: "127.0.0.1", port: 0, ws: false, proxy: { "/api": handOn(address) } } });
  const page = await start(development);
  const answer = await fetch(`${page}/api/images/a/events`, { method: "POST", body: "{}", headers: { origin: page } });
  expect(await answer.json()).toEqual([new URL(address).host, address]);
  await Promise.all([development.close(), studio.close()]);
});
