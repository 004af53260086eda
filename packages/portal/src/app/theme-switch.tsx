import { useState } from "preact/hooks";
import { Icon } from "../ui/icon.tsx";
import { useApp } from "./app.ts";

const themes = ["system", "light", "dark"] as const;
type Theme = (typeof themes)[number];
const icons = { system: "monitor", light: "sun", dark: "moon" } as const;
const storageKey = "federation.theme";

/** Light, dark, or as the machine has it. In an editor the editor's theme holds. */
export function ThemeSwitch() {
  const { home } = useApp();
  const [theme, setTheme] = useState<Theme>(readTheme);
  if (home.kind === "editor") return null;
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? "system";
  return (
    <button
      type="button"
      class="button quiet"
      aria-label={`Colours: ${theme}. Change to ${next}`}
      title={`Colours: ${theme}`}
      onClick={() => {
        setTheme(next);
        applyTheme(next);
        localStorage.setItem(storageKey, next);
      }}
    >
      <Icon name={icons[theme]} size={14} />
    </button>
  );
}

export function applyTheme(theme: Theme = readTheme()): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = theme;
}

function readTheme(): Theme {
  try {
    return themes.find((it) => it === localStorage.getItem(storageKey)) ?? "system";
  } catch {
    // A webview may have no storage.
    return "system";
  }
}
