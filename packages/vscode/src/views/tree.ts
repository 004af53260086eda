/** One of the extension's trees: shows whatever lines it is given, and nothing while it is given none. */
import * as vscode from "vscode";
import type { TreeName } from "../commands/names.ts";
import type { Item } from "./item.ts";

export interface TreeSource {
  items(): readonly Item[];
  children(item: Item): Promise<readonly Item[]>;
  /** A person opened or closed a line. */
  onOpened(item: Item, open: boolean): void;
}

export interface Tree {
  readonly name: TreeName;
  readonly view: vscode.TreeView<Item>;
  show(source: TreeSource | undefined): void;
  refresh(): void;
}

export function createTree(name: TreeName, subscriptions: { push(...items: vscode.Disposable[]): unknown }): Tree {
  let source: TreeSource | undefined;
  const changed = new vscode.EventEmitter<undefined>();
  const view = vscode.window.createTreeView<Item>(`federation.${name}`, {
    showCollapseAll: name === "missions",
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: treeItem,
      getChildren: (item) => (item === undefined ? [...(source?.items() ?? [])] : childrenOf(item)),
    },
  });
  async function childrenOf(item: Item): Promise<Item[]> {
    return [...((await source?.children(item)) ?? [])];
  }
  subscriptions.push(
    changed,
    view,
    view.onDidExpandElement(({ element }) => source?.onOpened(element, true)),
    view.onDidCollapseElement(({ element }) => source?.onOpened(element, false)),
  );
  return {
    name,
    view,
    show(next) {
      source = next;
      changed.fire(undefined);
    },
    refresh: () => changed.fire(undefined),
  };
}

function treeItem(item: Item): vscode.TreeItem {
  const { id, label, description, icon, colour, context, route, children } = item;
  const it = new vscode.TreeItem(
    label,
    children === "none"
      ? vscode.TreeItemCollapsibleState.None
      : children === "open"
        ? vscode.TreeItemCollapsibleState.Expanded
        : vscode.TreeItemCollapsibleState.Collapsed,
  );
  it.id = id;
  it.description = description;
  // As text: in Markdown what others wrote could be a link, even as a bare address.
  it.tooltip = item.tooltip.join("\n");
  it.iconPath = new vscode.ThemeIcon(icon, colour === undefined ? undefined : new vscode.ThemeColor(colour));
  it.contextValue = context;
  it.accessibilityInformation = { label: `${label}, ${description}` };
  if (route !== undefined) it.command = { command: "federation.open", title: "Open", arguments: [item] };
  return it;
}
