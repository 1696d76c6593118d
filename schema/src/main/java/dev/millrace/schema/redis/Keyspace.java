package dev.millrace.schema.redis;

import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Names;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import java.util.Locale;

/**
 * Builds every Redis key. Names may hold colons, so parts that come from outside are joined by a slash, which no name may hold. A part in
 * braces is the hash tag: keys of equal tags share a Redis Cluster slot and may meet in one script.
 *
 * @param namespace first part of every key, so that several installations can share a Redis
 */
public record Keyspace(String namespace) {
    /** The one consumer of every group. A constant name, because DELCONSUMER would destroy what is pending. */
    public static final String CONSUMER = "owner";
    /** Consumer group and lease of those who work events. */
    public static final String PROCESSORS = "processors";
    /** Consumer group and lease of those who write the books. */
    public static final String PERSISTER = "persister";
    /** Field of {@link #scheduledPayloads} that holds the last id that the partition's schedule gave, so that it gives none twice. */
    public static final String SCHEDULED_LAST = "last";
    /** Field of {@link #clientKeys} that says which limits apply to the client. No key id is as short. */
    public static final String CLIENT_TIER = "tier";
    /** Field of {@link #depth} that counts events whose change is not in Postgres yet. */
    public static final String DEPTH_UNPERSISTED = "u";

    public Keyspace {
        Names.check("MILLRACE_NAMESPACE", namespace);
    }

    /** Hash: partition count, hash version, generation, secret of event ids. Never expires. */
    public String meta() {
        return namespace + ":meta";
    }

    /** Stream of unfinished events, group {@link #PROCESSORS}. Bound: MILLRACE_QUEUE_MAX at admission; finishing deletes. */
    public String events(int partition, Priority priority) {
        return of(partition, "events:" + priority.word());
    }

    /**
     * Hash: owner, epoch, until (ms of Redis time), and waits while the owner has read everything and wants to be rung through
     * {@link #arrivals}. One per partition and group, never expires: the epoch must not be forgotten.
     */
    public String lease(int partition, String group) {
        return of(partition, "lease:" + group);
    }

    /**
     * Hash of counts of unfinished events: {@link #laneDepth} by lane, {@link #clientDepth} by client, {@link #DEPTH_UNPERSISTED}. An event
     * in the schedule does not count until it is due. A field goes when it reaches 0, so the events' own bound is its bound.
     */
    public String depth(int partition) {
        return of(partition, "depth");
    }

    /** Hash: scope (client/lane/key) to event id and payload digest. Expires after the dedupe window; bounded by MILLRACE_DEDUPE_MAX. */
    public String once(int partition, long bucket) {
        return of(partition, "once:" + bucket);
    }

    /** Stream of dead letters. Bound: MILLRACE_DEAD_MAX, then the partition waits; nothing is dropped. */
    public String dead(int partition) {
        return of(partition, "dead");
    }

    /** Hash: {@link #deadField} of a dead event to its entry in {@link #dead}. As long as that stream. */
    public String deadIndex(int partition) {
        return of(partition, "dead:index");
    }

    /**
     * Sorted set: {@link #redrivenMember} and {@link #discardedMember} of events whose dead letters are gone, by when in ms. Bound:
     * MILLRACE_DEAD_MAX; the oldest drop out, because the books have them. Never expires.
     */
    public String deadHandled(int partition) {
        return of(partition, "dead:handled");
    }

    /** Stream: who redrove or discarded which dead letter. Bound: 1,000 entries, the oldest drop out. */
    public String deadAudit(int partition) {
        return of(partition, "dead:audit");
    }

    /**
     * Sorted set of the events that are not due yet: {@link #scheduledMember} by due time in ms, so that equal due times keep the order of
     * acceptance. Bound: MILLRACE_SCHEDULED_MAX at admission; falling due or being cancelled removes. Never expires.
     */
    public String scheduled(int partition) {
        return of(partition, "scheduled");
    }

    /**
     * Hash: {@link #scheduledMember} to the packed event (MessagePack: priority word, lane and client field of {@link #depth}, then the
     * field names and values that its stream entry will have), and {@link #SCHEDULED_LAST}. As long as {@link #scheduled}, and one.
     */
    public String scheduledPayloads(int partition) {
        return of(partition, "scheduled:payloads");
    }

    /**
     * Hash: {@link dev.millrace.schema.event.Origin} of an event that was promoted or redriven to {@code <priority>/<stream id>}, where it is
     * now. A field goes when the event is finished, so the events' own bound is its bound. Never expires.
     */
    public String moved(int partition) {
        return of(partition, "moved");
    }

    /**
     * Sorted set: {@link #scheduledMember} of events that were cancelled, by when in ms. Bound: MILLRACE_SCHEDULED_MAX, the oldest drop out,
     * because the books have them. Never expires.
     */
    public String cancelled(int partition) {
        return of(partition, "cancelled");
    }

    /**
     * Hash: {@link #laneField} to the tries of the event at the lane's head, as JSON. Only of lanes whose head failed, or was at work in a
     * crash; a field goes when that event is finished. Never expires.
     */
    public String tries(int partition) {
        return of(partition, "tries");
    }

    /** Hash: {@link #laneField} of lanes that are paused to since when in ms. At most the lanes that someone paused. Never expires. */
    public String paused(int partition) {
        return of(partition, "paused");
    }

    /**
     * Pub/Sub channel: the number of a partition in which something changed that no stream shows, such as a new earliest due time. Who misses
     * a message looks a second later all the same.
     */
    public String bell() {
        return namespace + ":bell";
    }

    /**
     * Pub/Sub channel: the number of a partition in which something was appended while its owner waited, as the field {@code waits} of the
     * {@link #lease} says. Who misses a message looks half a second later all the same.
     *
     * @param group of the owners
     */
    public String arrivals(String group) {
        return namespace + ":arrivals:" + group;
    }

    /** String: packed {@link dev.millrace.schema.change.PlayerState}. Never expires. */
    public String player(int partition, PlayerKey key) {
        return of(partition, "player:" + key.client() + '/' + key.board() + '/' + key.player());
    }

    /** Stream of changes, group {@link #PERSISTER}. Bound: MILLRACE_UNPERSISTED_MAX events, then reading events pauses. */
    public String changes(int partition) {
        return of(partition, "changes");
    }

    /** String: id of the last change that is on the boards. */
    public String boarded(int partition) {
        return of(partition, "boarded");
    }

    /** Sorted set: {@link BoardMember} by score (negated on descending boards), so that ZRANK is the rank. */
    public String boardRanks(String client, String board, String season, String region) {
        return board(client, board, "ranks/" + season + '/' + region);
    }

    /** Hash: player to the {@link BoardMember} that stands in the sorted sets, and what is shown of the player. */
    public String boardPlayers(String client, String board, String season) {
        return board(client, board, "players/" + season);
    }

    /**
     * Hash: partition to {@code <epoch> <change id>} of the last batch that reached this board. As long as there are partitions. It changes
     * with everything that changes the board, and so tells those who watch it.
     */
    public String boardFence(String client, String board) {
        return board(client, board, "fence");
    }

    /** Sorted set of live members of a group by the time (ms) until which they count; a heartbeat moves it and drops the late. */
    public String members(String group) {
        return namespace + ":members:" + group;
    }

    /** Hash: a client. Never expires. */
    public String client(String client) {
        return namespace + ":client:{" + client + '}';
    }

    /**
     * Hash: key id to what is known of each of a client's API keys, and {@link #CLIENT_TIER}. What is not here opens no door. At most two live
     * keys; those that ended go with the next one.
     */
    public String clientKeys(String client) {
        return namespace + ":client:{" + client + "}:keys";
    }

    /** String: the lock of whoever changes a client's keys. Expires with its lease. */
    public String clientLock(String client) {
        return namespace + ":client:{" + client + "}:lock";
    }

    /** String: the number of the last hold of {@link #clientLock}. Never expires: numbers only grow. */
    public String clientFence(String client) {
        return namespace + ":client:{" + client + "}:fence";
    }

    /** String: HMAC of an API key to {@code <client> <key id>}. Says whose a key is, not whether it is live. Expires with the key. */
    public String apiKey(String hmac) {
        return namespace + ":key:" + hmac;
    }

    /**
     * String or sorted set: requests that one rule counts for one address. Expires when it counts none any more.
     *
     * @param address without slashes
     */
    public String addressBucket(String address, String bucket) {
        return namespace + ":bucket:{ip/" + address + "}:" + bucket;
    }

    /** String or sorted set: requests that one rule counts for one client, or a part of it. Expires when it counts none any more. */
    public String clientBucket(String client, String bucket) {
        return namespace + ":bucket:{" + client + "}:" + bucket;
    }

    /** List: the latest refusals of all, latest first, as JSON. Bound: a thousand. Expires a day after the last. */
    public String refusals() {
        return namespace + ":refusals";
    }

    /** List: the latest refusals of a client's requests, latest first, as JSON. Bound: a thousand. Expires a day after the last. */
    public String refusals(String client) {
        return namespace + ":refusals:{" + client + '}';
    }

    /**
     * Hash: {@code <minute>/<route>/<outcome>} to how many requests a client sent.
     *
     * @param hour since the epoch; it expires a day after it has ended
     */
    public String usage(String client, long hour) {
        return namespace + ":usage:{" + client + "}:" + hour;
    }

    /** Hash: client to the hour, since the epoch, in which it was last counted. As long as there are clients. Never expires. */
    public String usageClients() {
        return namespace + ":usage:clients";
    }

    /** Hash: a user, with the hash of the password. Never expires. */
    public String user(String client, String user) {
        return ofUser(client, user, "");
    }

    /**
     * Sorted set: ids of a user's sessions, by when they end in any case (ms). Bound: 32, then the oldest ends. Expires with the last one; a
     * session that was idle too long is listed until someone looks.
     */
    public String userSessions(String client, String user) {
        return ofUser(client, user, ":sessions");
    }

    /** Hash: tries to log in that failed, of someone who may or may not be a user. Expires after an hour without any. */
    public String userFailures(String client, String user) {
        return ofUser(client, user, ":failures");
    }

    /** Hash: those of them that came from one address. Expires after an hour without any. */
    public String userFailures(String client, String user, String address) {
        return ofUser(client, user, ":failures/" + address);
    }

    /** Hash: tries to log in or register that failed, from an address of the network. Expires after an hour without any. */
    public String addressFailures(String address) {
        return namespace + ":failures:" + address;
    }

    /** Hash: a session, by its id, which is the HMAC of the session's secret. Expires when idle too long, and at its end in any case. */
    public String session(String id) {
        return namespace + ":session:" + id;
    }

    /** String: there while tokens with this id, or of the session with this id, are refused. Expires with the last of them. */
    public String denied(String id) {
        return namespace + ":denied:" + id;
    }

    /** Field of {@link #depth} for a lane. Lanes of normal priority, which are by far the most, leave it out. */
    public static String laneDepth(Lane lane) {
        String prefix = lane.priority() == Priority.NORMAL ? "l:" : "l:" + lane.priority().word() + '/';
        return prefix + lane.client() + '/' + lane.name();
    }

    /** Field of {@link #depth} for a client. */
    public static String clientDepth(String client) {
        return "c:" + client;
    }

    /** Field of {@link #tries} and {@link #paused} for a lane: {@code <priority>/<client>/<lane>}. */
    public static String laneField(Lane lane) {
        return lane.priority().word() + '/' + lane.client() + '/' + lane.name();
    }

    /** Member of {@link #scheduled}: of fixed width, so that members sort like ids. */
    public static String scheduledMember(StreamId id) {
        return String.format(Locale.ROOT, "%013d-%010d", id.ms(), id.seq());
    }

    /**
     * Field of {@link #deadIndex}, by the place that the event's id names: {@code <priority>/<stream id>}, or {@code <priority>/s<id>} of one
     * that was scheduled. It stays the same however often the event is redriven and dies again.
     */
    public static String deadField(EventRef event) {
        return event.priority().word() + '/' + (event.scheduled() ? "s" : "") + event.id();
    }

    /** Member of {@link #deadHandled} for an event that was redriven. */
    public static String redrivenMember(EventRef event) {
        return "r/" + deadField(event);
    }

    /** Member of {@link #deadHandled} for an event that was discarded. */
    public static String discardedMember(EventRef event) {
        return "d/" + deadField(event);
    }

    private String of(int partition, String rest) {
        return namespace + ":{" + partition + "}:" + rest;
    }

    private String ofUser(String client, String user, String rest) {
        return namespace + ":user:{u:" + client + '/' + user + '}' + rest;
    }

    private String board(String client, String board, String rest) {
        return namespace + ":{b:" + client + '/' + board + "}:" + rest;
    }
}
