package dev.millrace.ingest.auth;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Optional;

/** Where a client's users come from. One place only: whoever could register here under the name of someone from there would be them. */
public enum Registration {
    /** The client registers them, by a key with the scope {@code admin}. */
    CLOSED("closed"),
    /** Anyone may register. */
    OPEN("open"),
    /** The OpenID provider knows them. */
    PROVIDER("provider");

    private final String word;

    Registration(String word) {
        this.word = word;
    }

    /** The word in JSON and in Redis. */
    @JsonValue
    public String word() {
        return word;
    }

    /** The choice of a word. */
    public static Optional<Registration> ofWord(String word) {
        return Arrays.stream(values()).filter(choice -> choice.word.equals(word)).findFirst();
    }
}
