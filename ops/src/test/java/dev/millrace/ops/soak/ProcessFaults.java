package dev.millrace.ops.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.endtoend.Installation;
import dev.millrace.ops.testkit.RedisProxy.Point;
import dev.millrace.ops.testkit.RedisProxy.Words;
import dev.millrace.ops.testkit.RoleProcess;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Faults of the roles themselves. */
final class ProcessFaults {
    private ProcessFaults() {}

    /** Where a process may be caught. */
    private record Spot(Step step, Point point) {}

    static void processorCrash(Scene scene) {
        List<Member> processors = scene.start(Installation.PROCESSOR, Installation.PROCESSOR, Installation.PERSISTER).subList(0, 2);
        scene.beginLoad();
        for (Duration _ : scene.moments(scene.hits())) {
            Member victim = scene.oneOf(processors);
            victim.process().kill();
            scene.recovery.from();
            replace(scene, processors, victim, Installation.PROCESSOR);
        }
    }

    /** Stopped between two steps for three leases; others take over meanwhile, and what it does when it wakes must come to nothing. */
    static void zombie(Scene scene) {
        List<Spot> spots = List.of(new Spot(Step.COMMIT, Point.BEFORE), new Spot(Step.COMMIT, Point.EXECUTED),
                new Spot(Step.BOARD, Point.BEFORE));
        List<Member> processors = scene.start(Installation.PROCESSOR, Installation.PROCESSOR, Installation.PERSISTER).subList(0, 2);
        // Not before others have done its work, however slow the machine is: only then does it come too late.
        stopThreeLeasesLong(scene, processors, spots, _ -> await().atMost(Scene.PATIENCE).until(scene.recovery::isOver));
    }

    /**
     * The same of a persister that has read changes and is about to write them. The last one wakes up when nothing more is sent, so that nothing
     * that comes later can hide what it does.
     */
    static void zombieBooks(Scene scene) {
        List<Member> persisters = scene.start(Installation.PERSISTER, Installation.PERSISTER, Installation.PROCESSOR).subList(0, 2);
        stopThreeLeasesLong(scene, persisters, List.of(new Spot(Step.BOOKS_LOOK, Point.BEFORE)), last -> {
            if (last) {
                scene.endLoad();
            }
        });
    }

    /**
     * Stops one after the other.
     *
     * @param andUntil waits for what else has to be, after three leases; whether it is the last one
     */
    private static void stopThreeLeasesLong(Scene scene, List<Member> members, List<Spot> spots, Consumer<Boolean> andUntil) {
        scene.beginLoad();
        Iterator<Duration> moments = scene.moments(scene.hits()).iterator();
        while (moments.hasNext()) {
            moments.next();
            Member victim = scene.oneOf(members);
            Spot spot = scene.oneOf(spots);
            long fenced = fenced(victim.process());
            Runnable wake = scene.stopAt(victim, spot.point(), spot.step());
            scene.pass(Scene.STOPPED);
            andUntil.accept(!moments.hasNext());
            wake.run();
            await("fenced, as the log says").atMost(Scene.PATIENCE).until(() -> scene.isMutant() || fenced(victim.process()) > fenced);
        }
    }

    static void crashBetweenSteps(Scene scene) {
        List<Spot> spots = List.of(new Spot(Step.READ, Point.EXECUTED), new Spot(Step.COMMIT, Point.BEFORE),
                new Spot(Step.COMMIT, Point.EXECUTED), new Spot(Step.BOARD, Point.BEFORE), new Spot(Step.BOARD, Point.EXECUTED));
        List<Member> processors = scene.start(Installation.PROCESSOR, Installation.PROCESSOR, Installation.PERSISTER).subList(0, 2);
        scene.beginLoad();
        for (Duration _ : scene.moments(scene.hits())) {
            Member victim = scene.oneOf(processors);
            killAt(scene, victim, scene.oneOf(spots));
            replace(scene, processors, victim, Installation.PROCESSOR);
        }
    }

    static void persisterCrash(Scene scene) {
        List<Spot> spots = List.of(new Spot(Step.BOOKS_COMMIT, Point.BEFORE), new Spot(Step.BOOKS_COMMIT, Point.EXECUTED),
                new Spot(Step.ACKNOWLEDGE, Point.BEFORE), new Spot(Step.ACKNOWLEDGE, Point.EXECUTED));
        List<Member> persisters = scene.start(Installation.PERSISTER, Installation.PERSISTER, Installation.PROCESSOR).subList(0, 2);
        scene.beginLoad();
        for (Duration _ : scene.moments(scene.hits())) {
            Member victim = scene.oneOf(persisters);
            killAt(scene, victim, scene.oneOf(spots));
            replace(scene, persisters, victim, Installation.PERSISTER);
        }
    }

    /** Producers whose post was cut off ask again under the same id, of the API that comes in its place. */
    static void ingestCrash(Scene scene) {
        Member api = scene.start(Installation.INGEST_API, Installation.PROCESSOR, Installation.PERSISTER).getFirst();
        URI address = api.process().api();
        scene.beginLoad(() -> address);
        for (Duration _ : scene.moments(scene.hits())) {
            killAt(scene, api, new Spot(Step.APPEND, Point.EXECUTED));
            api = scene.launch(Installation.INGEST_API, api.process().port());
            api.process().awaitReady();
            scene.pass(Scene.MARGIN);
        }
        scene.expect(() -> assertThat(scene.journal().count("Unknown")).as("posts that a crash cut off").isPositive());
    }

    /** Nothing that anyone asks for fails while processes come and go in good order. */
    static void scaling(Scene scene) {
        List<Member> processors = scene.start(Installation.PROCESSOR, Installation.INGEST_API, Installation.PERSISTER);
        List<URI> apis = new CopyOnWriteArrayList<>(List.of(processors.get(1).process().api()));
        processors.subList(1, 3).clear();
        AtomicInteger turn = new AtomicInteger();
        scene.beginLoad(() -> apis.get(Math.floorMod(turn.getAndIncrement(), apis.size())));
        List<Member> second = new ArrayList<>();
        for (Duration _ : scene.moments(1)) {
            processors.addAll(scene.start(Installation.PROCESSOR, Installation.PROCESSOR, Installation.PROCESSOR));
            second.addAll(scene.start(Installation.INGEST_API));
            apis.add(second.getFirst().process().api());
        }
        await().atMost(Scene.PATIENCE).until(() -> processors.stream()
                .noneMatch(member -> scene.installation.partitionsOf(member.process()).isEmpty()));
        while (processors.size() > 1) {
            Member leaving = scene.oneOf(processors);
            processors.remove(leaving);
            leaving.process().terminate();
            scene.recovery.from();
            assertThat(leaving.process().awaitEnd()).as("exit code of %s", leaving.process()).isZero();
        }
        apis.remove(second.getFirst().process().api());
        second.getFirst().process().terminate();
        assertThat(second.getFirst().process().awaitEnd()).isZero();
        scene.expect(() -> assertThat(scene.journal().count("Unknown") + scene.journal().count("NotNow"))
                .as("failed requests: %s", scene.journal()).isZero());
    }

    private static void killAt(Scene scene, Member victim, Spot spot) {
        scene.at(victim, spot.point(), spot.step(), Words.ARE_LOST, () -> {
            victim.process().kill();
            scene.recovery.from();
        });
    }

    private static void replace(Scene scene, List<Member> members, Member gone, String role) {
        members.set(members.indexOf(gone), scene.launch(role));
        members.forEach(member -> member.process().awaitReady());
    }

    /** How often its log says that a partition is not its own any more: refused under its old epoch, or found with another owner. */
    private static long fenced(RoleProcess process) {
        return process.log().lines().filter(line -> line.contains("fenced in epoch") || line.contains("now held by")).count();
    }
}
