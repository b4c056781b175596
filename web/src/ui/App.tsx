import { useEffect, useState, type DragEvent, type MouseEvent, type ReactElement } from "react";
import { focusStage, Stage } from "../canvas/Stage";
import type { Studio } from "../state/studio";
import { useStore } from "../state/store";
import { Candidates } from "./Candidates";
import { dispatch } from "./commands";
import { Help } from "./Help";
import { Icon } from "./Icon";
import { ImageList } from "./ImageList";
import { Labels } from "./Labels";
import { Notices } from "./Notices";
import { ObjectList } from "./ObjectList";
import { OutlinePanel } from "./OutlinePanel";
import { PaintPanel } from "./PaintPanel";
import { StatusBar } from "./StatusBar";
import { TopBar } from "./TopBar";

export function App({ studio }: { studio: Studio }): ReactElement {
  const [dropping, setDropping] = useState(false);

  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.key === "Tab") document.body.dataset["tabbing"] = "";
      dispatch(studio, event);
    };
    const press = () => delete document.body.dataset["tabbing"];
    const leave = (event: BeforeUnloadEvent) => {
      if (studio.unfinished) event.preventDefault();
    };
    window.addEventListener("keydown", key);
    window.addEventListener("pointerdown", press, true);
    window.addEventListener("beforeunload", leave);
    return () => {
      window.removeEventListener("keydown", key);
      window.removeEventListener("pointerdown", press, true);
      window.removeEventListener("beforeunload", leave);
    };
  }, [studio]);

  const over = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    setDropping(true);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setDropping(false);
    void studio.files.drop(event.dataTransfer.items);
  };

  return (
    <div className="app" onClick={giveBackFocus} onDragOver={over} onDrop={drop} onDragLeave={(e) => e.relatedTarget === null && setDropping(false)}>
      <TopBar studio={studio} />
      <ImageList studio={studio} />
      <main>
        <Stage studio={studio} />
        <Placeholder studio={studio} />
      </main>
      <Candidates studio={studio} />
      <aside className="panel side" aria-label="Objects and labels">
        <ObjectList studio={studio} />
        <OutlinePanel studio={studio} />
        <PaintPanel studio={studio} />
        <Labels studio={studio} />
      </aside>
      <StatusBar studio={studio} />
      <Notices studio={studio} />
      <Help studio={studio} />
      {dropping && <div className="dropping">Drop images to add them to the folder</div>}
    </div>
  );
}

/** A button pressed with the mouse does not keep the keyboard: Enter is to keep the object, not to press the button again. */
function giveBackFocus(event: MouseEvent): void {
  const byMouse = event.detail > 0;
  const target = event.target instanceof Element ? event.target : null;
  if (byMouse && target?.closest("button, input[type=range]") && !target.closest("dialog")) focusStage();
}

/** What stands in the middle while there is no image to show. */
function Placeholder({ studio }: { studio: Studio }): ReactElement | null {
  const { project, current, bitmap, imageError } = useStore(studio.store, (s) => s);
  if (bitmap) return null;
  if (imageError) {
    return (
      <div className="placeholder" role="alert">
        <Icon name="warning" />
        <h2>This image cannot be opened</h2>
        <p>{imageError}</p>
      </div>
    );
  }
  if (!project) return <div className="placeholder">Reading the folder …</div>;
  if (current) return null;
  return (
    <div className="placeholder">
      <h2>Drop images here</h2>
      <p>They are copied into the opened folder.</p>
    </div>
  );
}
