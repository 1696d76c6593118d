package dev.millrace.ingest.admission;

import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.settings.AdmissionSettings;
import java.util.List;

/** What {@code admit.lua} and {@code schedule.lua} take. */
final class AdmitArguments {
    private static final String NO_WINDOW = "-";

    private final AdmissionSettings settings;
    private final String again;

    /**
     * @param again whether what is remembered of a replayed event is to be written again
     */
    AdmitArguments(AdmissionSettings settings, boolean again) {
        this.settings = settings;
        this.again = again ? "again" : "-";
    }

    /**
     * The arguments for appending these events to one stream.
     *
     * @param events of one client and one priority, so that all of them stand alike
     * @param window the dedupe window that Redis should be in
     * @param bell where to ring if the partition's owner waits for that
     */
    List<byte[]> append(List<Posted> events, long window, String bell, int partition) {
        Args args = window(anyKey(events), window).add(Shedding.room(settings.queueMax(), Shedding.standing(events.getFirst())))
                .add(settings.laneMax()).add(settings.clientMax())
                .add(bell).add(partition).add(again);
        for (Posted event : events) {
            addKey(event, addDepths(event, args));
            addEntry(EventCodec.encode(event.event()), args);
        }
        return args.list();
    }

    /** The names in one argument, since most of what an argument costs does not depend on its length. */
    private static void addEntry(List<byte[]> words, Args args) {
        byte[] names = new byte[words.size() / 2];
        for (int i = 0; i < names.length; i++) {
            names[i] = words.get(2 * i)[0];
        }
        args.add(names);
        for (int i = 1; i < words.size(); i += 2) {
            args.add(words.get(i));
        }
    }

    /**
     * The arguments for putting an event into the schedule of a partition.
     *
     * @param bell where to ring if it is the next to fall due
     */
    List<byte[]> schedule(Posted event, Due due, long window, int partition, String bell) {
        Args args = window(event.event().producerId() != null, window)
                .add(Shedding.room(settings.scheduledMax(), Shedding.standing(event))).add(bell).add(partition).add(due.word())
                .add(due.millis());
        addKey(event, args).add(again).add(event.event().lane().priority().word());
        return addDepths(event, args).addAll(EventCodec.encode(event.event())).list();
    }

    private Args window(boolean anyKey, long window) {
        return Args.of(anyKey ? Long.toString(window) : NO_WINDOW).add(settings.dedupeWindow().toMillis()).add(settings.dedupeMax());
    }

    private static Args addDepths(Posted event, Args args) {
        Lane lane = event.event().lane();
        return args.add(Keyspace.laneDepth(lane)).add(Keyspace.clientDepth(lane.client()));
    }

    private static Args addKey(Posted posted, Args args) {
        Event event = posted.event();
        if (event.producerId() == null) {
            return args.add("").add("");
        }
        Lane lane = event.lane();
        return args.add(lane.client() + '/' + lane.name() + '/' + event.producerId()).add(EventDigest.of(posted));
    }

    private static boolean anyKey(List<Posted> events) {
        for (Posted event : events) {
            if (event.event().producerId() != null) {
                return true;
            }
        }
        return false;
    }
}
