import { useApp } from "../../app/app.ts";
import { CommandButton } from "../../command/command-button.tsx";
import { ActorName } from "../../ui/actor.tsx";
import { Badge, Empty, Panel } from "../../ui/parts.tsx";
import { QueryView } from "../../ui/query-view.tsx";
import { At, Since } from "../../ui/time.tsx";
import { Line } from "../../ui/words.tsx";

export function AccessView() {
  const { status, home } = useApp();
  const pageUrl = home.pageUrl();
  const all = status.value?.you.role === "commander";
  return (
    <div class="stack-wide">
      <h1>Access</h1>
      <p class="soft">Who may come in. A secret is shown once, where it is made; the node keeps its hash alone.</p>
      <Panel
        title="Pages"
        flush
        actions={
          pageUrl === undefined ? null : (
            <CommandButton name="IssueTicket" given={{ origin: new URL(pageUrl).origin, lastsMs: 300_000 }} icon="link">
              {home.kind === "browser" ? "Link for another browser" : "Link for a browser"}
            </CommandButton>
          )
        }
      >
        <Pages />
      </Panel>
      <Panel
        title="Tokens"
        flush
        actions={
          <>
            <CommandButton name="AddActor" icon="plus">
              Add an actor
            </CommandButton>
            <CommandButton name="IssueToken" icon="key">
              Issue a token
            </CommandButton>
          </>
        }
      >
        <Tokens all={all} />
      </Panel>
      <Panel
        title="Signing keys"
        flush
        actions={
          <CommandButton name="AddSigningKey" icon="plus">
            Register a key
          </CommandButton>
        }
      >
        <Keys />
      </Panel>
    </div>
  );
}

function Pages() {
  return (
    <QueryView
      name="ListPageSessions"
      request={{}}
      everyMs={15_000}
      empty={({ sessions }) => (sessions.length === 0 ? <Empty icon="monitor" title="No page can come back" /> : null)}
    >
      {({ sessions, here }) => (
        <ul class="list">
          {sessions.map((it) => (
            <li key={it.id} class="list-row">
              <div class="grow row">
                <ActorName name={it.actor} />
                <span class="mono">{it.origin}</span>
                {it.id === here ? <Badge tone="accent">this page</Badge> : null}
                <span class="faint">
                  used <Since time={it.usedAt} />, begun <At time={it.createdAt} />
                </span>
              </div>
              <CommandButton name="EndPageSession" given={{ session: it.id }} tone="danger">
                End
              </CommandButton>
            </li>
          ))}
        </ul>
      )}
    </QueryView>
  );
}

function Tokens({ all }: { readonly all: boolean }) {
  return (
    <QueryView
      name="ListTokens"
      request={all ? { actor: "all" } : {}}
      empty={({ tokens }) => (tokens.length === 0 ? <Empty icon="key" title="There is no live token" /> : null)}
    >
      {({ tokens }) => (
        <ul class="list">
          {tokens.map((it) => (
            <li key={it.id} class="list-row">
              <div class="grow row">
                <ActorName name={it.actor} />
                <Line of={it.label} max={80} />
                {it.scopes.map((scope) => (
                  <Badge key={scope}>{scope}</Badge>
                ))}
                <span class="faint">
                  {it.expiresAt === null ? (
                    "has no end"
                  ) : (
                    <>
                      until <At time={it.expiresAt} />
                    </>
                  )}
                </span>
              </div>
              <CommandButton name="RevokeToken" given={{ token: it.id }} tone="danger">
                Revoke
              </CommandButton>
            </li>
          ))}
        </ul>
      )}
    </QueryView>
  );
}

function Keys() {
  return (
    <QueryView
      name="ListSigningKeys"
      request={{}}
      empty={({ keys }) =>
        keys.length === 0 ? (
          <Empty icon="commit" title="Nobody signs commits yet">
            <code>npx -y pnpm@12 federation git install</code> registers a node's key.
          </Empty>
        ) : null
      }
    >
      {({ keys }) => (
        <ul class="list">
          {keys.map((it) => (
            <li key={it.fingerprint} class="list-row">
              <div class="grow row">
                <ActorName name={it.actor} />
                <span class="mono">{it.fingerprint.slice(0, 24)}…</span>
                {it.revokedAt === null ? null : <Badge tone="bad">revoked</Badge>}
              </div>
              {it.revokedAt === null ? (
                <CommandButton name="RevokeSigningKey" given={{ fingerprint: it.fingerprint }} tone="danger">
                  Revoke
                </CommandButton>
              ) : null}
            </li>
          ))}
        </ul>
      )}
    </QueryView>
  );
}
