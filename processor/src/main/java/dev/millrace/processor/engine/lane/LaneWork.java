package dev.millrace.processor.engine.lane;

import dev.millrace.processor.effect.Outcome;
import dev.millrace.processor.engine.Lease;
import dev.millrace.processor.engine.PartitionWork;
import dev.millrace.processor.engine.StreamEntry;
import dev.millrace.processor.engine.Tenure;
import dev.millrace.processor.engine.lane.LaneScripts.Committed;
import dev.millrace.processor.engine.lane.LaneScripts.Place;
import dev.millrace.schema.change.DeadLetter.FailedAttempt;
import dev.millrace.schema.change.Tries;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.settings.Policy.AfterDead;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The lanes of one partition under one lease. What is read is sorted into lanes; each step then notes what has ended, works the state events
 * whose turn it is in one batch, commits both at once, and begins tries for as many effect events as there are places.
 */
final class LaneWork implements PartitionWork {
    /** How often a lane that can't have its dead letter yet asks again. */
    private static final Duration DEAD_FULL_PAUSE = Duration.ofSeconds(1);
    /** Rounds of a step in which lanes go on at once to what is behind what has ended. */
    private static final int ROUNDS = 8;
    /** State events of one lane that are taken from behind its head at once. */
    private static final int RUN = 64;
    private static final int BEGIN_MAX = 256;
    /** Lanes in hand from which on heads are kept as ids only. */
    private static final int BODIES_MAX = 2_000;

    private final Tenure tenure;
    private final int partition;
    private final Runnable wake;
    private final LaneScripts scripts;
    private final Effects effects;
    private final StateHandler stateHandler;
    private final StateHandler.Work states;
    private final Outlook outlook;
    private final Clock clock;
    private final Backoff backoff;
    private final int batchMax;
    private final LaneGauges gauges;
    private final Tried tried;
    private final Lanes lanes = new Lanes();
    private final List<LaneEvent> direct = new ArrayList<>();
    private final List<StreamEntry> unreadable = new ArrayList<>();
    private final List<Ending> endings = new ArrayList<>();
    private final Map<Place, Integer> deliveries = new HashMap<>();
    private Map<String, Tries> known = Map.of();
    private Instant burialsFrom = Instant.EPOCH;
    private boolean recovered;

    LaneWork(Tenure tenure, Runnable wake, LaneHandler.Shared shared) {
        this.tenure = tenure;
        this.wake = wake;
        this.partition = tenure.lease().partition();
        this.scripts = shared.scripts();
        this.effects = shared.effects();
        this.stateHandler = shared.states();
        this.states = shared.states().begin(partition);
        this.outlook = new Outlook(shared.scripts(), shared.schedule(), lanes, shared.clock());
        this.clock = shared.clock();
        this.backoff = shared.backoff();
        this.batchMax = shared.batchMax();
        this.gauges = shared.gauges();
        this.tried = effects.of(partition);
        tried.listen(wake);
    }

    @Override
    public void recover() {
        Lease lease = tenure.lease();
        states.recover(lease);
        known = new HashMap<>(scripts.tries(partition));
        lanes.pause(scripts.paused(partition));
    }

    @Override
    public void recovered() {
        recovered = true;
        known = Map.of();
        deliveries.clear();
    }

    @Override
    public void take(List<StreamEntry> entries) {
        for (StreamEntry entry : entries) {
            Priority priority = LaneScripts.STREAMS.get(entry.stream());
            try {
                sort(new LaneEvent(entry.id(), EventCodec.decode(priority, entry.fields())), entry.deliveries());
            } catch (MalformedEntryException e) {
                unreadable.add(entry);
            }
        }
    }

    private void sort(LaneEvent event, int delivered) {
        Lane lane = event.event().lane();
        if (delivered > 1) {
            deliveries.put(new Place(lane.priority(), event.id()), delivered);
        }
        if (stateHandler.works(event.event().type()) && lanes.isFree(lane)) {
            direct.add(event);
            return;
        }
        lanes.add(event).ifPresent(queue -> {
            queue.know(event);
            meet(queue);
        });
    }

    /** Finds out what is known already of an event that has become the head of its lane. */
    private void meet(LaneQueue queue) {
        Tries soFar = known.remove(Keyspace.laneField(queue.lane()));
        if (soFar != null && !soFar.head().equals(queue.headId())) {
            soFar = null;
        }
        int delivered = deliveries.getOrDefault(new Place(queue.lane().priority(), queue.headId()), 1);
        queue.tried(Math.max(delivered - 1, soFar == null ? 0 : soFar.ended()), soFar);
        if (tried.of(queue.lane()) != null) {
            // This process is at it still, or was when it had to claim the partition again.
            lanes.running(queue);
        } else if (queue.begun() > queue.triesOrNone().ended()) {
            Tries cutOff = queue.triesOrNone().cutOff(clock.instant(), queue.begun() - queue.triesOrNone().ended());
            endings.add(new Ending.Suspected(queue, cutOff));
        } else {
            lanes.look(queue);
        }
    }

    @Override
    public Optional<Duration> step(boolean begin) {
        boolean read = begin && outlook.isDue() && lookAround();
        noteEnded();
        lanes.wake(clock.instant());
        for (int round = 0; round < ROUNDS; round++) {
            Map<LaneQueue, Integer> runs = new LinkedHashMap<>();
            List<LaneEvent> batch = new ArrayList<>(direct);
            direct.clear();
            if (begin) {
                decideHeads(batch, runs);
            }
            if (batch.isEmpty() && endings.isEmpty() && (unreadable.isEmpty() || clock.instant().isBefore(burialsFrom))) {
                break;
            }
            commit(batch, runs);
        }
        if (begin) {
            beginTries();
        }
        return Optional.of(read || lanes.hasUnknown() ? Duration.ZERO : next());
    }

    private boolean lookAround() {
        gauges.tell(this, lanes);
        return outlook.look(tenure);
    }

    private Duration next() {
        Duration left = outlook.next();
        Optional<Instant> due = lanes.nextDue();
        if (due.isPresent()) {
            Duration wait = Duration.between(clock.instant(), due.get());
            left = wait.compareTo(left) < 0 ? wait : left;
        }
        return left.isNegative() ? Duration.ZERO : left;
    }

    private void noteEnded() {
        for (Try ended : tried.ended()) {
            LaneQueue queue = lanes.of(ended.lane());
            if (queue == null) {
                if (recovered) {
                    tried.forget(ended);
                }
            } else if (queue.state() == LaneQueue.State.RUNNING) {
                tried.forget(ended);
                if (ended.isAbandoned() || !ended.event().id().equals(queue.headId())) {
                    lanes.look(queue);
                } else {
                    endings.add(ending(queue, ended));
                }
            }
        }
    }

    private Ending ending(LaneQueue queue, Try ended) {
        Instant now = clock.instant();
        return switch (ended.howItEnded()) {
            case Outcome.Done() -> new Ending.Completed(queue, ended.event(), ended.attempt());
            case Outcome.Dead(String reason) ->
                new Ending.GivenUp(queue, ended.event(), queue.triesOrNone().failed(now, reason, now), Effects.oneLine(reason));
            case Outcome.Retry(Optional<Duration> after, String reason) -> {
                int failures = queue.triesOrNone().failures() + 1;
                var policy = effects.policy(ended.event().event().type());
                Duration wait = after.orElseGet(() -> backoff.after(policy, failures));
                Tries tries = queue.triesOrNone().failed(now, Effects.oneLine(reason), now.plus(wait));
                yield failures < policy.tries()
                        ? new Ending.Failed(queue, tries)
                        : new Ending.GivenUp(queue, ended.event(), tries,
                                "gave up after " + failures + " failures: " + Effects.oneLine(reason));
            }
        };
    }

    /** Looks at heads that nobody has looked at: state events join the batch, others wait for their turn, or what else they have to. */
    private void decideHeads(List<LaneEvent> batch, Map<LaneQueue, Integer> runs) {
        List<LaneQueue> heads = lanes.takeUnknown(batchMax);
        fetchHeads(heads);
        List<LaneQueue> stateful = new ArrayList<>();
        for (LaneQueue queue : heads) {
            if (lacksHead(queue)) {
                continue; // Its entry is gone.
            }
            if (stateHandler.works(String.valueOf(queue.type()))) {
                stateful.add(queue);
            } else {
                decideEffect(queue);
            }
        }
        takeRuns(stateful, batch, runs);
    }

    private void fetchHeads(List<LaneQueue> heads) {
        List<LaneQueue> lacking = heads.stream().filter(this::lacksHead).toList();
        if (lacking.isEmpty()) {
            return;
        }
        List<Map<String, byte[]>> bodies = scripts.bodies(partition,
                lacking.stream().map(queue -> new Place(queue.lane().priority(), queue.headId())).toList());
        for (int i = 0; i < lacking.size(); i++) {
            LaneQueue queue = lacking.get(i);
            Optional<LaneEvent> event = decoded(queue, queue.headId(), bodies.get(i));
            event.ifPresentOrElse(queue::know, () -> endings.add(new Ending.Vanished(queue)));
        }
    }

    private boolean lacksHead(LaneQueue queue) {
        boolean dies = queue.tries() != null && queue.triesOrNone().state() == Tries.State.DYING;
        return queue.head() == null && (queue.type() == null || dies || stateHandler.works(queue.type()));
    }

    private static Optional<LaneEvent> decoded(LaneQueue queue, StreamId id, Map<String, byte[]> body) {
        if (body.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new LaneEvent(id, EventCodec.decode(queue.lane().priority(), body)));
        } catch (MalformedEntryException e) {
            throw new IllegalStateException("entry " + id + ", which was read before, does not read now: " + e.getMessage(), e);
        }
    }

    private void decideEffect(LaneQueue queue) {
        Tries tries = queue.triesOrNone();
        if (!effects.works(String.valueOf(queue.type())) && queue.head() != null) {
            giveUp(queue, tries, "no handler for events of type " + queue.type());
            return;
        }
        switch (tries.state()) {
            case RETRYING -> {
                if (tries.due().isAfter(clock.instant())) {
                    rest(queue, tries.due());
                } else {
                    ready(queue);
                }
            }
            case SUSPECT, ALONE -> {
                if (tries.crashes() >= effects.policy(String.valueOf(queue.type())).crashes() && queue.head() != null) {
                    giveUp(queue, tries, "its handler ended the process " + tries.crashes() + " times");
                } else {
                    ready(queue);
                }
            }
            case DYING -> {
                String last = tries.errors().isEmpty() ? "given up" : tries.errors().getLast().error();
                giveUp(queue, tries, last);
            }
            case BLOCKED -> {
                lanes.block(queue);
                queue.forget();
            }
        }
    }

    private void ready(LaneQueue queue) {
        lanes.ready(queue);
        if (lanes.size() > BODIES_MAX) {
            // It is read again when its turn comes.
            queue.forget();
        }
    }

    private void giveUp(LaneQueue queue, Tries tries, String reason) {
        LaneEvent head = queue.head();
        if (head != null) {
            endings.add(new Ending.GivenUp(queue, head, tries, reason));
        }
    }

    private void rest(LaneQueue queue, Instant until) {
        lanes.wait(queue, until);
        queue.forget();
    }

    /** State events at the head of lanes, and those that follow on them. */
    private void takeRuns(List<LaneQueue> stateful, List<LaneEvent> batch, Map<LaneQueue, Integer> runs) {
        List<Place> places = new ArrayList<>();
        List<LaneQueue> owners = new ArrayList<>();
        int room = batchMax - batch.size();
        for (LaneQueue queue : stateful) {
            LaneEvent head = queue.head();
            if (room <= 0 || head == null) {
                lanes.look(queue);
                continue;
            }
            batch.add(head);
            runs.put(queue, 1);
            room--;
            for (int i = 1; i < Math.min(queue.ids().size(), RUN) && room > 0; i++, room--) {
                places.add(new Place(queue.lane().priority(), queue.ids().get(i)));
                owners.add(queue);
            }
        }
        if (places.isEmpty()) {
            return;
        }
        List<Map<String, byte[]>> bodies = scripts.bodies(partition, places);
        Set<LaneQueue> over = new HashSet<>();
        for (int i = 0; i < places.size(); i++) {
            LaneQueue queue = owners.get(i);
            Optional<LaneEvent> event = decoded(queue, places.get(i).id(), bodies.get(i));
            if (event.isEmpty() || !stateHandler.works(event.get().event().type())) {
                over.add(queue);
            }
            if (!over.contains(queue)) {
                batch.add(event.orElseThrow());
                runs.merge(queue, 1, Integer::sum);
            }
        }
    }

    private void commit(List<LaneEvent> batch, Map<LaneQueue, Integer> runs) {
        Lease lease = tenure.lease();
        StateHandler.Step step = batch.isEmpty() ? StateHandler.Step.NOTHING : states.decide(lease, batch);
        boolean bury = !clock.instant().isBefore(burialsFrom);
        if (!bury && !step.refused().isEmpty()) {
            setAside(batch, runs, step);
            step = states.decide(lease, batch);
        }
        Turn turn = turn(lease, batch, step, bury);
        switch (scripts.commit(lease, turn, step, states.toNote())) {
            case Committed.Done(Optional<StreamId> change) -> {
                runs.forEach(lanes::advance);
                settleEndings(bury);
                if (bury) {
                    unreadable.clear();
                }
                gauges.ended(turn, step);
                states.committed(lease, step, change);
            }
            case Committed.DeadFull() -> {
                burialsFrom = clock.instant().plus(DEAD_FULL_PAUSE);
                gauges.deadFull(partition);
                commit(batch, runs);
            }
        }
    }

    private Turn turn(Lease lease, List<LaneEvent> batch, StateHandler.Step step, boolean bury) {
        Instant now = clock.instant();
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
        if (bury) {
            unreadable.forEach(entry -> turn.buryUnreadable(LaneScripts.STREAMS.get(entry.stream()), entry.id(), entry.fields(),
                    why(entry)));
        }
        endings.forEach(ending -> write(turn, ending, bury));
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

    private void write(Turn turn, Ending ending, boolean bury) {
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
                boolean goesOn = effects.policy(event.event().type()).afterDead() == AfterDead.CONTINUE;
                if (!bury) {
                    turn.note(lane, tries.in(Tries.State.DYING, burialsFrom));
                    return;
                }
                turn.bury(event, reason, Math.max(1, queue.begun()), tries.errors(), goesOn);
                if (goesOn) {
                    forgetTries(turn, lane, noted);
                } else {
                    turn.note(lane, tries.in(Tries.State.BLOCKED, tries.due()));
                }
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
    private void settleEndings(boolean bury) {
        for (Ending ending : endings) {
            LaneQueue queue = ending.queue();
            switch (ending) {
                case Ending.Completed _,Ending.Vanished _ -> lanes.advance(queue, 1);
                case Ending.Failed(LaneQueue _, Tries tries) -> {
                    queue.tried(queue.begun(), tries);
                    rest(queue, tries.due());
                }
                case Ending.Suspected(LaneQueue _, Tries tries) -> {
                    queue.tried(queue.begun(), tries);
                    lanes.look(queue);
                }
                case Ending.GivenUp(LaneQueue _, LaneEvent event, Tries tries, String _) -> {
                    if (!bury) {
                        queue.tried(queue.begun(), tries.in(Tries.State.DYING, burialsFrom));
                        rest(queue, burialsFrom);
                    } else if (effects.policy(event.event().type()).afterDead() == AfterDead.CONTINUE) {
                        lanes.advance(queue, 1);
                    } else {
                        queue.tried(queue.begun(), tries.in(Tries.State.BLOCKED, tries.due()));
                        lanes.block(queue);
                        queue.forget();
                    }
                }
            }
        }
        endings.clear();
    }

    /** The dead letters are full: events that would become some wait, with all that is behind them in their lanes. */
    private void setAside(List<LaneEvent> batch, Map<LaneQueue, Integer> runs, StateHandler.Step step) {
        Set<Lane> stuck = new HashSet<>();
        step.refused().forEach(refused -> stuck.add(refused.event().event().lane()));
        for (Lane lane : stuck) {
            LaneQueue known = lanes.of(lane);
            if (known != null && runs.remove(known) != null) {
                rest(known, burialsFrom);
                continue;
            }
            rest(lanes.putBack(lane, batch.stream().filter(event -> event.event().lane().equals(lane)).toList()), burialsFrom);
        }
        batch.removeIf(event -> stuck.contains(event.event().lane()));
    }

    private void beginTries() {
        List<LaneQueue> picked = new ArrayList<>();
        lanes.turns().forEach((type, turns) -> {
            while (picked.size() < BEGIN_MAX) {
                LaneQueue queue = turns.poll();
                if (queue == null) {
                    effects.passOn(type);
                    break;
                }
                if (queue.state() != LaneQueue.State.READY || lanes.parks(queue)) {
                    continue;
                }
                if (!effects.enter(type, isSuspect(queue), wake)) {
                    turns.putBack(queue);
                    break;
                }
                picked.add(queue);
            }
        });
        if (picked.isEmpty()) {
            return;
        }
        Set<LaneQueue> begun = new HashSet<>();
        try {
            begin(picked, begun);
        } finally {
            for (LaneQueue queue : picked) {
                if (!begun.contains(queue)) {
                    effects.leave(String.valueOf(queue.type()), isSuspect(queue));
                }
            }
        }
    }

    private void begin(List<LaneQueue> picked, Set<LaneQueue> begun) {
        fetchBodies(picked);
        Lease lease = tenure.lease();
        List<LaneQueue> heads = picked.stream().filter(queue -> queue.head() != null).toList();
        Instant now = clock.instant();
        Map<String, Tries> alone = new LinkedHashMap<>();
        for (LaneQueue queue : heads) {
            if (isSuspect(queue)) {
                alone.put(Keyspace.laneField(queue.lane()), queue.triesOrNone().in(Tries.State.ALONE, now));
            }
        }
        List<Boolean> there = scripts.begin(lease, heads, alone);
        for (int i = 0; i < heads.size(); i++) {
            LaneQueue queue = heads.get(i);
            LaneEvent head = queue.head();
            if (!there.get(i) || head == null) {
                endings.add(new Ending.Vanished(queue));
                continue;
            }
            begun.add(queue);
            boolean wasSuspect = isSuspect(queue);
            queue.tried(queue.begun() + 1, queue.tries());
            lanes.running(queue);
            queue.forget();
            effects.begin(partition, lease.epoch(), new Try(head, queue.begun(), wasSuspect, now));
        }
    }

    private void fetchBodies(List<LaneQueue> picked) {
        List<LaneQueue> lacking = picked.stream().filter(queue -> queue.head() == null).toList();
        if (lacking.isEmpty()) {
            return;
        }
        List<Map<String, byte[]>> bodies = scripts.bodies(partition,
                lacking.stream().map(queue -> new Place(queue.lane().priority(), queue.headId())).toList());
        for (int i = 0; i < lacking.size(); i++) {
            LaneQueue queue = lacking.get(i);
            decoded(queue, queue.headId(), bodies.get(i)).ifPresentOrElse(queue::know, () -> endings.add(new Ending.Vanished(queue)));
        }
    }

    private static boolean isSuspect(LaneQueue queue) {
        Tries tries = queue.tries();
        return tries != null && (tries.state() == Tries.State.SUSPECT || tries.state() == Tries.State.ALONE);
    }

    @Override
    public void look() {
        outlook.lookNow();
    }

    @Override
    public void idle() {
        states.idle(tenure.lease());
    }

    @Override
    public boolean busy() {
        return !tried.isEmpty();
    }

    @Override
    public void end(boolean lost) {
        tried.unlisten();
        effects.forget(wake);
        gauges.forget(this);
        if (lost) {
            tried.abandon();
        }
    }
}
