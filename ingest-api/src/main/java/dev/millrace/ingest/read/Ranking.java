package dev.millrace.ingest.read;

import java.util.Arrays;
import java.util.Optional;

/** How equal scores are numbered. In which order they stand is not touched by it: whoever was first stands first. */
public enum Ranking {
    /** 1, 2, 3, 4: every player has a rank of its own. */
    ORDINAL("ordinal"),
    /** 1, 2, 2, 4: equal scores share a rank, and as many are left out behind them. */
    COMPETITION("competition");

    private final String word;

    Ranking(String word) {
        this.word = word;
    }

    /** The word in queries. */
    public String word() {
        return word;
    }

    /** The ranking of a word. */
    public static Optional<Ranking> ofWord(String word) {
        return Arrays.stream(values()).filter(ranking -> ranking.word.equals(word)).findFirst();
    }
}
