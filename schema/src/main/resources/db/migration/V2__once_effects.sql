-- Which events have had their effect through SQL of their handler: written in the same transaction as the effect, so that an event that is
-- tried again after a try of which nobody heard the end finds its note and does nothing.

create table once_effects (
    event_id text        collate "C" primary key,
    done_at  timestamptz not null default now()
);

create index once_effects_done on once_effects using brin (done_at);

comment on table once_effects is 'Events whose handler did its SQL; kept for 30 days, far longer than an event may be unfinished after that.';
comment on column once_effects.event_id is 'The id that the producer was given when the event was accepted.';
comment on column once_effects.done_at is 'When the transaction began that did it.';
