-- What a daemon's login may do: read what is shared, and call the doors. It writes no table.

revoke all on schema federation from public;
revoke all on all tables in schema federation from public, federation_daemon;
revoke execute on all functions in schema federation from public, federation_daemon;
grant usage on schema federation to federation_daemon;
grant select on all tables in schema federation to federation_daemon;
-- Tokens are asked for one at a time through authenticate(); login names are nobody's business. Events and outcomes hold
-- words of conversations the reader may be no member of: the doors show what may be seen of them.
revoke select on federation.credentials, federation.tickets, federation.page_sessions, federation.page_secrets, federation.nodes,
  federation.events, federation.call_outcomes, federation.outbox, federation.overdue from federation_daemon;
grant execute on function
  federation.apply(jsonb, jsonb),
  federation.open_node(uuid, boolean, text, boolean),
  federation.seal_epoch(jsonb),
  federation.renew_presence(jsonb, text, text, int),
  federation.authenticate(text),
  federation.redeem_ticket(jsonb, text, text),
  federation.redeem_page_secret(jsonb, text[], text),
  federation.keep_pages(jsonb, text[]),
  federation.live_credentials(text[]),
  federation.list_tokens(text, text, boolean),
  federation.list_pages(text, text, boolean, int),
  federation.host_actor(jsonb, text, int),
  federation.renew_hosting(jsonb, text[], int),
  federation.end_hosting(jsonb, text),
  federation.lease_outbox(jsonb, int),
  federation.complete_outbox(jsonb, bigint[]),
  federation.mark_received(jsonb, uuid[]),
  federation.begin_turn(jsonb, uuid),
  federation.leave_turn(jsonb, uuid),
  federation.work(),
  federation.reconcile(jsonb),
  federation.overdue(interval),
  federation.mission_view(uuid),
  federation.assembly_view(uuid),
  federation.audit_verdicts(),
  federation.mission_report(uuid),
  federation.events_after(xid8, bigint, int, uuid, text),
  federation.read_events(xid8, bigint, boolean, int, jsonb, text),
  federation.count_events(xid8, bigint, xid8, bigint, jsonb, text),
  federation.events_end(),
  federation.mesh_counts(),
  federation.roster(text),
  federation.costs(text, bigint, int, text),
  federation.usage(bigint, int),
  federation.waiting_for(text),
  federation.my_conversations(),
  federation.my_actor(),
  federation.i_see_all(),
  federation.iso(timestamptz),
  federation.proposal_json(federation.proposals),
  federation.submission_json(federation.submissions),
  federation.task_json(federation.tasks),
  federation.delivery_json(federation.deliveries),
  federation.claim_json(uuid, bigint),
  federation.live_claims(text),
  federation.signing_keys_json(),
  federation.approval_json(federation.approvals),
  federation.reload_json(federation.reloads),
  federation.message_json(federation.messages)
to federation_daemon;
