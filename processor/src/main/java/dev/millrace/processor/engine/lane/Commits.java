package dev.millrace.processor.engine.lane;

import dev.millrace.processor.engine.Lease;
import dev.millrace.processor.engine.StreamEntry;
import dev.millrace.processor.engine.lane.LaneScripts.Committed;
import dev.millrace.schema.change.DeadLetter.FailedAttempt;
import dev.millrace.schema.change.Tries;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.settings.Policy.AfterDead;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes what has ended, and what a batch of state events comes to, true in one step. */
final class Commits {
    /** How often a lane that can't have its dead letter yet asks again. */
    private static final Duration DEAD_FULL_PAUSE = Duration.ofSeconds(1);
    /** Where there is room for some, the next ones follow soon. */
    private static final Duration NEXT_BURIALS = Duration.ofMillis(20);
    private static final int MANY = 1_000;

    private final Desk desk;
    private final StateHandler.Work states;
    private final List<StreamEntry> unreadable = new ArrayList<>();
    private Instant burialsFrom = Instant.EPOCH;
    /** Dead letters of one commit: few after there was no room for many. */
    private int burialsMax = Integer.MAX_VALUE;

    Commits(Desk desk, StateHandler.Work states) {
        this.desk = desk;
        this.states = states;
    }

    /** An entry that is no event becomes a dead letter with the next commit that may have some. */
    void giveUp(StreamEntry entry) {
        unreadable.add(entry);
    }

    /** Whether there is anything to commit besides state events. */
    boolean pending() {
        return !desk.endings().isEmpty() || (!unreadable.isEmpty() && !desk.now().isBefore(burialsFrom));
    }

    /** Commits what has ended, and a batch of state events with the lanes that some of them are the first of. */
    void commit(List<LaneEvent> batch, Map<LaneQueue, Integer> runs) {
        Lease lease = desk.tenure().lease();
        StateHandler.Step step = batch.isEmpty() ? StateHandler.Step.NOTHING : states.decide(lease, batch);
        int room = desk.now().isBefore(burialsFrom) ? 0 : burialsMax;
        if (step.refused().size() > room) {
            setAside(batch, runs, step.refused().subList(room, step.refused().size()));
            step = states.decide(lease, batch);
        }
        Burials burials = choose(room - step.refused().size());
        Turn turn = turn(lease, batch, step, burials);
        switch (desk.scripts().commit(lease, turn, step, states.toNote())) {
            case Committed.Done(Optional<StreamId> change) -> {
                runs.forEach(desk.lanes()::advance);
                settleEndings(burials);
                unreadable.removeAll(burials.unreadable());
                if (!turn.letters().isEmpty() && burialsMax < MANY) {
                    burialsMax = 2 * burialsMax < MANY ? 2 * burialsMax : Integer.MAX_VALUE;
                }
                desk.shared().gauges().ended(turn, step);
                states.committed(lease, step, change);
            }
            case Committed.DeadFull() -> {
                if (turn.letters().size() == 1) {
                    burialsFrom = desk.now().plus(DEAD_FULL_PAUSE);
                    desk.shared().gauges().deadFull(desk.partition());
                }
                // There may be room for one, if not for all.
                burialsMax = 1;
                commit(batch, runs);
            }
        }
    }

    /** What may become dead letters now; the rest waits. */
    private Burials choose(int room) {
        List<StreamEntry> entries = List.copyOf(unreadable.subList(0, Math.min(room, unreadable.size())));
        Set<Ending> givenUp = new HashSet<>();
        for (Ending ending : desk.endings()) {
            if (ending instanceof Ending.GivenUp && givenUp.size() + entries.size() < room) {
                givenUp.add(ending);
            }
        }
        Instant soon = desk.now().plus(NEXT_BURIALS);
        return new Burials(entries, givenUp, burialsFrom.isAfter(soon) ? burialsFrom : soon);
    }

    /**
     * What becomes dead letters in one commit.
     *
     * @param later when the rest is looked at again
     */
    private record Burials(List<StreamEntry> unreadable, Set<Ending> givenUp, Instant later) {}

    private Turn turn(Lease lease, List<LaneEvent> batch, StateHandler.Step step, Burials burials) {
        Instant now = desk.now();
        Turn turn = new Turn(lease.epoch(), now);
        Set<LaneEvent> refused = new HashSet<>();
        for (StateHandler.Refused one : step.refused()) {
            refused.add(one.event());
            turn.bury(one.event(), one.reason(), 1, List.of(new FailedAttempt(now, one.reason())), true);
        }
        for (LaneEvent event : batch) {
            if (refused.isEmpty() || !refused.contains(event)) {
                turn.finish(event);
            }
        }
        burials.unreadable().forEach(entry -> turn.buryUnreadable(LaneScripts.STREAMS.get(entry.stream()), entry.id(), entry.fields(),
                why(entry)));
        desk.endings().forEach(ending -> write(turn, ending, burials));
        return turn;
    }

    private static String why(StreamEntry entry) {
        try {
            Event event = EventCodec.decode(LaneScripts.STREAMS.get(entry.stream()), entry.fields());
            throw new IllegalStateException("an event that reads was taken for one that does not: " + event.type());
        } catch (MalformedEntryException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private void write(Turn turn, Ending ending, Burials burials) {
        Lane lane = ending.queue().lane();
        boolean noted = ending.queue().tries() != null;
        switch (ending) {
            case Ending.Completed(LaneQueue _, LaneEvent event, int attempts) -> {
                turn.completed(event, attempts);
                forgetTries(turn, lane, noted);
            }
            case Ending.Failed(LaneQueue _, Tries tries) -> turn.note(lane, tries);
            case Ending.Suspected(LaneQueue _, Tries tries) -> turn.note(lane, tries);
            case Ending.GivenUp(LaneQueue queue, LaneEvent event, Tries tries, String reason) -> {
                boolean goesOn = desk.effects().policy(event.event().type()).afterDead() == AfterDead.CONTINUE;
                if (!burials.givenUp().contains(ending)) {
                    turn.note(lane, tries.in(Tries.State.DYING, burials.later()));
                    return;
                }
                turn.bury(event, reason, Math.max(1, queue.begun()), tries.errors(), goesOn);
                if (goesOn) {
                    forgetTries(turn, lane, noted);
                } else {
                    turn.note(lane, tries.in(Tries.State.BLOCKED, tries.due()));
                }
            }
            case Ending.Discarded(LaneQueue queue, LaneEvent event, Tries tries) -> {
                turn.discarded(event, Math.max(1, queue.begun()), tries.errors().getLast().error());
                turn.forgetTries(lane);
            }
            case Ending.Vanished(LaneQueue queue) -> {
                turn.finish(lane.priority(), queue.headId(), lane, null);
                forgetTries(turn, lane, noted);
            }
        }
    }

    private static void forgetTries(Turn turn, Lane lane, boolean noted) {
        if (noted) {
            turn.forgetTries(lane);
        }
    }

    /** What the commit has made true. */
    private void settleEndings(Burials burials) {
        for (Ending ending : desk.endings()) {
            LaneQueue queue = ending.queue();
            // Not before: an end that could not be noted is known still when the partition was claimed again.
            desk.effects().of(desk.partition()).forgetEnd(queue.lane());
            switch (ending) {
                case Ending.Completed _,Ending.Discarded _,Ending.Vanished _ -> desk.lanes().advance(queue, 1);
                case Ending.Failed(LaneQueue _, Tries tries) -> {
                    queue.tried(queue.begun(), tries);
                    desk.rest(queue, tries.due());
                }
                case Ending.Suspected(LaneQueue _, Tries tries) -> {
                    queue.tried(queue.begun(), tries);
                    desk.lanes().look(queue);
                }
                case Ending.GivenUp(LaneQueue _, LaneEvent event, Tries tries, String _) -> {
                    if (!burials.givenUp().contains(ending)) {
                        queue.tried(queue.begun(), tries.in(Tries.State.DYING, burials.later()));
                        desk.rest(queue, burials.later());
                    } else if (desk.effects().policy(event.event().type()).afterDead() == AfterDead.CONTINUE) {
                        desk.lanes().advance(queue, 1);
                    } else {
                        queue.tried(queue.begun(), tries.in(Tries.State.BLOCKED, tries.due()));
                        desk.lanes().block(queue);
                        queue.forget();
                    }
                }
            }
        }
        desk.endings().clear();
    }

    /** There is no room for these dead letters: they wait, with all that is behind them in their lanes. */
    private void setAside(List<LaneEvent> batch, Map<LaneQueue, Integer> runs, List<StateHandler.Refused> tooMany) {
        Instant soon = desk.now().plus(NEXT_BURIALS);
        Instant later = burialsFrom.isAfter(soon) ? burialsFrom : soon;
        Set<Lane> stuck = new HashSet<>();
        tooMany.forEach(refused -> stuck.add(refused.event().event().lane()));
        for (Lane lane : stuck) {
            LaneQueue known = desk.lanes().of(lane);
            if (known != null && runs.remove(known) != null) {
                desk.rest(known, later);
                continue;
            }
            desk.rest(desk.lanes().putBack(lane, batch.stream().filter(event -> event.event().lane().equals(lane)).toList()), later);
        }
        batch.removeIf(event -> stuck.contains(event.event().lane()));
    }
}
