package dev.millrace.ingest.admission;

import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.settings.AdmissionSettings;
import java.util.List;

/** What {@code admit.lua} takes. */
final class AdmitArguments {
    private static final String NO_WINDOW = "-";

    private final AdmissionSettings settings;

    AdmitArguments(AdmissionSettings settings) {
        this.settings = settings;
    }

    /**
     * The arguments for these events of one stream.
     *
     * @param window the dedupe window that Redis should be in
     */
    List<byte[]> of(List<Event> events, long window) {
        Args args = Args.of(anyKey(events) ? Long.toString(window) : NO_WINDOW).add(settings.dedupeWindow().toMillis())
                .add(settings.queueMax()).add(settings.laneMax()).add(settings.dedupeMax());
        for (Event event : events) {
            add(event, args);
        }
        return args.list();
    }

    private static void add(Event event, Args args) {
        Lane lane = event.lane();
        args.add(Keyspace.laneDepth(lane)).add(Keyspace.clientDepth(lane.client()));
        if (event.producerId() == null) {
            args.add("").add("");
        } else {
            args.add(lane.client() + '/' + lane.name() + '/' + event.producerId()).add(EventDigest.of(event));
        }
        List<byte[]> words = EventCodec.encode(event);
        args.add(words.size()).addAll(words);
    }

    private static boolean anyKey(List<Event> events) {
        for (Event event : events) {
            if (event.producerId() != null) {
                return true;
            }
        }
        return false;
    }
}
