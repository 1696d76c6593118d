package dev.millrace.processor.engine.lane;

import dev.millrace.processor.effect.Outcome;
import dev.millrace.processor.engine.PartitionWork;
import dev.millrace.processor.engine.StreamEntry;
import dev.millrace.processor.engine.Tenure;
import dev.millrace.processor.engine.lane.LaneScripts.Place;
import dev.millrace.schema.change.Tries;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.settings.Policy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The lanes of one partition under one lease. What is read is sorted into lanes; each step then notes what has ended, works the state events
 * whose turn it is in one batch, commits both at once, and begins tries for as many effect events as there are places.
 */
final class LaneWork implements PartitionWork {
    /** Rounds of a step in which lanes go on at once to what is behind what has ended. */
    private static final int ROUNDS = 8;

    private final Desk desk;
    private final Runnable wake;
    private final StateHandler.Work states;
    private final Outlook outlook;
    private final Tried tried;
    private final Heads heads;
    private final Commits commits;
    private final Beginnings beginnings;
    private final List<LaneEvent> direct = new ArrayList<>();
    private boolean caughtUp;
    private boolean moreEnded;

    LaneWork(Tenure tenure, Runnable wake, LaneHandler.Shared shared) {
        int partition = tenure.lease().partition();
        this.desk = new Desk(partition, tenure, new Lanes(), new ArrayList<>(), shared);
        this.wake = wake;
        this.states = shared.states().begin(partition);
        this.outlook = new Outlook(shared.scripts(), shared.schedule(), desk.lanes());
        this.tried = shared.effects().of(partition);
        this.heads = new Heads(desk, tried);
        this.commits = new Commits(desk, states);
        this.beginnings = new Beginnings(desk, wake);
        tried.listen(wake);
    }

    @Override
    public void recover() {
        states.recover(desk.tenure().lease());
        heads.remember(desk.scripts().tries(desk.partition()));
        desk.lanes().pause(desk.scripts().paused(desk.partition()));
    }

    @Override
    public void caughtUp() {
        caughtUp = true;
        heads.caughtUp();
    }

    @Override
    public void take(List<StreamEntry> entries) {
        for (StreamEntry entry : entries) {
            Priority priority = LaneScripts.STREAMS.get(entry.stream());
            try {
                sort(new LaneEvent(entry.id(), EventCodec.decode(priority, entry.fields())), entry.deliveries());
            } catch (MalformedEntryException e) {
                commits.giveUp(entry);
            }
        }
    }

    private void sort(LaneEvent event, int delivered) {
        Lane lane = event.event().lane();
        if (delivered > 1) {
            heads.remember(new Place(lane.priority(), event.id()), delivered);
        }
        if (desk.isStateful(event.event().type()) && desk.lanes().isFree(lane)) {
            direct.add(event);
            return;
        }
        desk.lanes().add(event).ifPresent(heads::meet);
    }

    @Override
    public Optional<Duration> step(boolean begin) {
        if (outlook.isDue()) {
            lookAround();
        }
        noteEnded();
        desk.lanes().wake(desk.now());
        for (int round = 0; round < ROUNDS; round++) {
            Map<LaneQueue, Integer> runs = new LinkedHashMap<>();
            List<LaneEvent> batch = new ArrayList<>(direct);
            direct.clear();
            heads.decide(batch, runs);
            if (batch.isEmpty() && !commits.pending()) {
                break;
            }
            commits.commit(batch, runs);
        }
        if (begin) {
            beginnings.begin();
        }
        return Optional.of(desk.lanes().hasUnknown() || moreEnded ? Duration.ZERO : next());
    }

    /** As many as one commit takes: while Redis was away, any number may have ended. */
    private void noteEnded() {
        moreEnded = false;
        for (Try ended : tried.ended()) {
            if (desk.endings().size() >= desk.shared().batchMax()) {
                moreEnded = true;
                return;
            }
            LaneQueue queue = desk.lanes().of(ended.lane());
            if (queue == null) {
                // Before all was taken that there is, its event may come yet.
                if (caughtUp) {
                    tried.forget(ended);
                }
            } else if (queue.state() == LaneQueue.State.RUNNING) {
                if (ended.isAbandoned() || !ended.event().id().equals(queue.headId())) {
                    tried.forget(ended);
                    desk.lanes().look(queue);
                } else {
                    desk.endings().add(ending(queue, ended));
                }
            }
        }
    }

    private Ending ending(LaneQueue queue, Try ended) {
        Instant now = desk.now();
        return switch (ended.howItEnded()) {
            case Outcome.Done() -> new Ending.Completed(queue, ended.event(), ended.attempt());
            case Outcome.Dead(String reason) ->
                new Ending.GivenUp(queue, ended.event(), queue.triesOrNone().failed(now, reason, now), Effects.oneLine(reason));
            case Outcome.Retry(Optional<Duration> after, String reason) -> {
                int failures = queue.triesOrNone().failures() + 1;
                Policy policy = desk.effects().policy(ended.event().event().type());
                Duration wait = after.orElseGet(() -> desk.shared().backoff().after(policy, failures));
                Tries tries = queue.triesOrNone().failed(now, Effects.oneLine(reason), now.plus(wait));
                yield failures < policy.tries()
                        ? new Ending.Failed(queue, tries)
                        : new Ending.GivenUp(queue, ended.event(), tries,
                                "gave up after " + failures + " failures: " + Effects.oneLine(reason));
            }
        };
    }

    private void lookAround() {
        desk.shared().gauges().tell(this, desk.lanes());
        outlook.look(desk.tenure());
    }

    private Duration next() {
        Duration left = outlook.next();
        Optional<Instant> due = desk.lanes().nextDue();
        if (due.isPresent()) {
            Duration wait = Duration.between(desk.now(), due.get());
            left = wait.compareTo(left) < 0 ? wait : left;
        }
        return left.isNegative() ? Duration.ZERO : left;
    }

    @Override
    public void look() {
        outlook.lookNow();
    }

    @Override
    public void idle() {
        states.idle(desk.tenure().lease());
    }

    @Override
    public boolean busy() {
        return tried.isWaitedFor();
    }

    @Override
    public void end(boolean lost) {
        tried.unlisten();
        desk.effects().forget(wake);
        desk.shared().gauges().forget(this);
        if (lost) {
            tried.abandon();
        }
    }
}
