package dev.millrace.ingest.auth;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a client's key may be used for. Words are on the wire and in Redis, and never change their meaning. */
public enum Scope {
    /** Post events, scores and jobs, ask after them, cancel them; see why a lane does not move. */
    EVENTS_WRITE("events:write"),
    /** Read leaderboards. */
    BOARDS_READ("boards:read"),
    /** See, redrive and discard dead letters; pause and resume lanes. */
    DEAD_LETTERS_MANAGE("dead-letters:manage"),
    /** List, rotate and revoke the client's own keys. */
    ADMIN("admin");

    /** What a key may be used for unless its maker says otherwise: everything but the client's keys. */
    public static final Set<Scope> BY_DEFAULT = Collections.unmodifiableSet(EnumSet.complementOf(EnumSet.of(ADMIN)));

    private final String word;

    Scope(String word) {
        this.word = word;
    }

    /** The word in JSON and in Redis. */
    public String word() {
        return word;
    }

    /** The scope of a word. */
    public static Optional<Scope> ofWord(String word) {
        return Arrays.stream(values()).filter(scope -> scope.word.equals(word)).findFirst();
    }

    /** The words of scopes in alphabetical order, separated by commas. */
    static String join(Set<Scope> scopes) {
        return String.join(",", scopes.stream().map(Scope::word).collect(Collectors.toCollection(TreeSet::new)));
    }

    /**
     * The scopes that {@link #join} joined. Words of a later version are left out: what is not known here is not allowed here.
     */
    static Set<Scope> split(String words) {
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        for (String word : words.split(",", -1)) {
            ofWord(word).ifPresent(scopes::add);
        }
        return Collections.unmodifiableSet(scopes);
    }
}
