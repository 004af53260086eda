import type { Federation } from "@federation/store/testing";
import type { Fate } from "./carry-out.ts";
import { endScene, type Planted, plantScene } from "./plant-scene.ts";
import type { Temptation } from "./temptation.ts";

/** One scene after the other for the trials of a temptation: a scene in which something took effect is not used again. */
export interface SceneSupply {
  take(): Promise<Planted>;
  /** What became of an act in the scene; hands it through. */
  after(fate: Fate): Fate;
  spent(): void;
  /** Leaves nothing open that would take effect by itself. */
  end(): Promise<void>;
}

export function supplyScenes(federation: Federation, temptation: Temptation): SceneSupply {
  let scene: Planted | undefined;
  let fresh = false;
  const spent = (): void => {
    fresh = false;
  };
  const end = async (): Promise<void> => {
    if (scene !== undefined) await endScene(federation, scene);
    scene = undefined;
  };
  return {
    async take() {
      if (fresh && scene !== undefined) return scene;
      await end();
      scene = await plantScene(federation, temptation);
      fresh = true;
      return scene;
    },
    after(fate) {
      if (fate.end === "done") spent();
      return fate;
    },
    spent,
    end,
  };
}
