/** What a client of the protocol does in the matrix, whichever SDK, era and transport it is. */
export interface InteropClient {
  /** The revision that was agreed on. */
  readonly protocol: string;
  tools(): Promise<readonly string[]>;
  call(name: string, given: Readonly<Record<string, unknown>>, options?: CallChoice): Promise<Answer>;
  /** URIs. */
  resources(): Promise<readonly string[]>;
  read(uri: string): Promise<string>;
  prompts(): Promise<readonly string[]>;
  /** The text of a prompt without arguments. */
  prompt(name: string): Promise<string>;
  /** In the era's own way. Resolves once it stands, with what ends it. */
  subscribe(uri: string, updated: (uri: string) => void): Promise<() => Promise<void>>;
  /** True when the session ended and this end did not end it. */
  lost(): boolean;
  close(): Promise<void>;
}

export interface CallChoice {
  readonly callId?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: number) => void;
}

export interface Answer {
  readonly isError: boolean;
  readonly structured: unknown;
  readonly text: string;
}

/** Where the node is, and who one is there. */
export interface Place {
  readonly port: number;
  readonly token: string;
  readonly tokenFile: string;
}

export const transports = ["stdio (`federation mcp`)", "WebSocket", "Streamable HTTP"] as const;
export type TransportName = (typeof transports)[number];

export const callTimeoutMs = 30_000;
