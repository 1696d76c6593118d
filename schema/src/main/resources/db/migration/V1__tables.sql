-- The books: what the boards say, how they came to say it, and what became of every event.
--
-- Names and ids compare byte by byte (collate "C"), as Redis compares them, so that both put players in the same order
-- and an index never depends on the operating system's collation.

-- The boards ----------------------------------------------------------------------------------------------------------

create table leaderboard (
    client_id   text        collate "C" not null,
    board       text        collate "C" not null,
    season      text        collate "C" not null,
    user_id     text        collate "C" not null,
    name        text,
    region      text        collate "C" not null,
    score       bigint      not null,
    achieved_at timestamptz not null,
    achieved_id bigint      not null,
    last_id     text        collate "C" not null,
    version     bigint      not null,
    updated_at  timestamptz not null default now(),
    primary key (client_id, board, season, user_id)
);

create index leaderboard_rank on leaderboard (client_id, board, season, region, score desc, achieved_id, user_id);

comment on table leaderboard is 'The latest score of every player on every board and season; order by score desc, achieved_id, user_id for the ranks that the API shows.';
comment on column leaderboard.client_id is 'The client (tenant) that owns the board; every query should name it.';
comment on column leaderboard.board is 'The board: main, or a named one such as a game mode.';
comment on column leaderboard.season is 'The season of the board that the score belongs to.';
comment on column leaderboard.user_id is 'The player.';
comment on column leaderboard.name is 'The player''s display name, where the producer gave one.';
comment on column leaderboard.region is 'The player''s region; GLOBAL where the producer gave none.';
comment on column leaderboard.score is 'The score, a whole number within plus or minus 2^53 - 1.';
comment on column leaderboard.achieved_at is 'When the event that reached this score was accepted.';
comment on column leaderboard.achieved_id is 'The tie-breaker: the stream id of the event that reached this score, as milliseconds * 65536 + sequence; the smaller one is ahead.';
comment on column leaderboard.last_id is 'The stream id (milliseconds-sequence) of the last event applied to this player.';
comment on column leaderboard.version is 'Grows with every change of the row; a write with a version that is not greater changes nothing.';
comment on column leaderboard.updated_at is 'When the row was last written.';

-- The history ---------------------------------------------------------------------------------------------------------
--
-- Rows are only ever appended, into one partition a day. The day is that of accepted_at, which is part of the event's
-- id: an event that is written again after a crash meets its own first row and changes nothing.

create table score_events (
    event_id    text        collate "C" not null,
    client_id   text        collate "C" not null,
    board       text        collate "C" not null,
    season      text        collate "C" not null,
    user_id     text        collate "C" not null,
    region      text        collate "C" not null,
    op          text        not null,
    amount      bigint      not null,
    score       bigint      not null,
    version     bigint      not null,
    accepted_at timestamptz not null,
    applied_at  timestamptz not null,
    primary key (event_id, accepted_at)
) partition by range (accepted_at);

create index score_events_player on score_events (client_id, board, user_id, accepted_at);

create table score_events_default partition of score_events default;

comment on table score_events is 'Every score event that was applied, with the score it led to; append-only, one partition a day of accepted_at (UTC).';
comment on column score_events.event_id is 'The id that the producer was given when the event was accepted.';
comment on column score_events.client_id is 'The client (tenant) that sent the event.';
comment on column score_events.board is 'The board that the event changed.';
comment on column score_events.season is 'The season of the board that the event fell into.';
comment on column score_events.user_id is 'The player.';
comment on column score_events.region is 'The player''s region after the event.';
comment on column score_events.op is 'What the event did with its amount: add, set, best and the like; the event''s type without its leading "score.".';
comment on column score_events.amount is 'The value that the event carried.';
comment on column score_events.score is 'The player''s score after the event.';
comment on column score_events.version is 'The version of the player''s state after the event.';
comment on column score_events.accepted_at is 'When the event was accepted (milliseconds, from its id).';
comment on column score_events.applied_at is 'When the event was applied.';
comment on table score_events_default is 'Score events of days that have no partition of their own; usually empty.';

create table events (
    event_id     text        collate "C" not null,
    client_id    text        collate "C" not null,
    type         text        not null,
    lane         text        collate "C" not null,
    outcome      text        not null check (outcome in ('completed', 'dead', 'cancelled')),
    attempts     int         not null,
    error        text,
    accepted_at  timestamptz not null,
    completed_at timestamptz not null,
    primary key (event_id, accepted_at)
) partition by range (accepted_at);

create table events_default partition of events default;

comment on table events is 'Outcomes that score_events does not already tell: dead and cancelled events, and completed ones of types without a table of their own; append-only, one partition a day of accepted_at (UTC). See the view event_outcomes for all of them.';
comment on column events.event_id is 'The id that the producer was given when the event was accepted.';
comment on column events.client_id is 'The client (tenant) that sent the event.';
comment on column events.type is 'The event''s type, such as job.email.';
comment on column events.lane is 'The lane whose order the event was worked in.';
comment on column events.outcome is 'What became of the event: completed, dead (given up, with its error) or cancelled.';
comment on column events.attempts is 'How many times the event was tried.';
comment on column events.error is 'The last error, where there was one.';
comment on column events.accepted_at is 'When the event was accepted (milliseconds, from its id).';
comment on column events.completed_at is 'When the event got its outcome.';
comment on table events_default is 'Outcomes of days that have no partition of their own; usually empty.';

-- A score is applied in one atomic step, so an applied one was tried once.
create view event_outcomes as
select event_id, client_id, type, lane, outcome, attempts, error, accepted_at, completed_at
from events
union all
select event_id, client_id, 'score.' || op, user_id, 'completed', 1, null, accepted_at, applied_at
from score_events;

comment on view event_outcomes is 'What was asked for and what became of it: one row for every event that has an outcome.';
comment on column event_outcomes.event_id is 'The id that the producer was given when the event was accepted.';
comment on column event_outcomes.client_id is 'The client (tenant) that sent the event.';
comment on column event_outcomes.type is 'The event''s type, such as score.add or job.email.';
comment on column event_outcomes.lane is 'The lane whose order the event was worked in; for scores the player.';
comment on column event_outcomes.outcome is 'What became of the event: completed, dead (given up, with its error) or cancelled.';
comment on column event_outcomes.attempts is 'How many times the event was tried.';
comment on column event_outcomes.error is 'The last error, where there was one.';
comment on column event_outcomes.accepted_at is 'When the event was accepted.';
comment on column event_outcomes.completed_at is 'When the event got its outcome.';

-- The persister's place -----------------------------------------------------------------------------------------------

create table progress (
    namespace  text        collate "C" not null,
    generation text        collate "C" not null,
    partition  int         not null,
    change_id  text        collate "C" not null,
    version    bigint      not null,
    updated_at timestamptz not null default now(),
    primary key (namespace, generation, partition)
);

comment on table progress is 'How far the persister has got in each partition, written in the transaction of the rows themselves.';
comment on column progress.namespace is 'The prefix of the keys in Redis that the changes came from.';
comment on column progress.generation is 'The generation of that namespace; a new one begins when the number of partitions changes.';
comment on column progress.partition is 'The partition, counted from 0.';
comment on column progress.change_id is 'The stream id of the last change whose rows are in this database.';
comment on column progress.version is 'The greatest version among the rows written from this partition.';
comment on column progress.updated_at is 'When the row was last written.';

-- Partitions of the history -------------------------------------------------------------------------------------------

create function ensure_history_partitions(days_ahead int) returns int
language plpgsql
set search_path from current
as $$
declare
    today    constant date := (now() at time zone 'UTC')::date;
    history  text;
    day      date;
    of_day   text;
    range    text;
    created  int := 0;
begin
    if days_ahead is null or days_ahead not between 0 and 366 then
        raise exception 'days_ahead must lie between 0 and 366, not %', days_ahead using errcode = '22023';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('ensure_history_partitions:' || current_schema(), 0));
    foreach history in array array['score_events', 'events'] loop
        for day in select today + ahead from generate_series(0, days_ahead) as ahead loop
            of_day := history || to_char(day, '"_p"YYYYMMDD');
            continue when to_regclass(of_day) is not null;
            range := format('%L and accepted_at < %L', day || ' 00:00:00+00', day + 1 || ' 00:00:00+00');
            -- Attaching, unlike "create table … partition of", lets writers of other partitions go on. Rows that fell
            -- into the default partition move first, for it may hold none of the new one's range.
            execute format('create table %I (like %I including all)', of_day, history);
            execute format('lock table only %I in share update exclusive mode', history);
            execute format('lock table %I in access exclusive mode', history || '_default');
            execute format('with moved as (delete from %I where accepted_at >= %s returning *) insert into %I select * from moved',
                history || '_default', range, of_day);
            execute format('alter table %I attach partition %I for values from (%L) to (%L)',
                history, of_day, day || ' 00:00:00+00', day + 1 || ' 00:00:00+00');
            execute format('comment on table %I is %L', of_day, format('The part of %s accepted on %s (UTC).', history, day));
            created := created + 1;
        end loop;
    end loop;
    return created;
end
$$;

comment on function ensure_history_partitions(int) is 'Creates the daily partitions of score_events and events from today to days_ahead days later (UTC) where they are missing, and says how many it created; any number of callers may run it at once.';
