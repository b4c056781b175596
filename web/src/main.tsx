import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Studio } from "./state/studio";
import "./styles.css";
import { App } from "./ui/App";

const studio = new Studio();
const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <App studio={studio} />
  </StrictMode>,
);
void studio.start();
