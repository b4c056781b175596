import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Hands calls on as the studio's own page makes them: of other pages it takes none that change anything. */
export const handOn = (studio: string) => ({ target: studio, changeOrigin: true, headers: { origin: studio } });

export default defineConfig({
  base: "./",
  plugins: [react()],
  build: {
    outDir: "../src/maskwright/studio/static",
    emptyOutDir: true,
    target: "es2022",
    sourcemap: false,
  },
  // `npm run dev` serves the page with hot reload and hands /api to a studio that runs beside it.
  server: { proxy: { "/api": handOn("http://127.0.0.1:8765") } },
  test: { include: ["test/**/*.test.ts"], environment: "node" },
});
