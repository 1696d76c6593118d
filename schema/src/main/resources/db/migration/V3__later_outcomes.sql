-- A dead event can be redriven, and then ends once more: what was found out later wins, in whatever order the rows are written.

alter table events
    add column epoch     bigint not null default 0,
    add column change_id bigint not null default 0;

comment on table events is 'Outcomes that score_events does not already tell: dead and cancelled events, and completed ones of types without a table of their own; one row an event, which changes only if a dead event was redriven; one partition a day of accepted_at (UTC). See the view event_outcomes for all of them.';
comment on column events.epoch is 'The epoch of the owner who told of the outcome; together with change_id it orders the outcomes of an event that was redriven.';
comment on column events.change_id is 'The change that told of the outcome, as milliseconds * 65536 + sequence of its stream id.';

-- What was applied stays applied: an event that died before, and was redriven, has a row in both tables.
create or replace view event_outcomes as
select event_id, client_id, type, lane, outcome, attempts, error, accepted_at, completed_at
from events
where not (type like 'score.%' and exists (
    select from score_events applied where applied.event_id = events.event_id and applied.accepted_at = events.accepted_at))
union all
select event_id, client_id, 'score.' || op, user_id, 'completed', 1, null, accepted_at, applied_at
from score_events;
