package dev.millrace.ingest.control;

import dev.millrace.ingest.read.FoundLetter;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.redis.Args;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps who did what with dead letters: an entry of the partition's audit stream, written by the very script that does it, and a line in the
 * log.
 */
public final class DeadLetterAudit {
    /** Entries that a partition keeps. */
    static final int ENTRIES = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterAudit.class);

    private final int remembered;

    /**
     * @param remembered events of a partition whose dead letters are gone and that status tells from others before the books can
     */
    public DeadLetterAudit(int remembered) {
        this.remembered = remembered;
    }

    int remembered() {
        return remembered;
    }

    /** Field names and values of an entry: {@code by}, {@code did}, {@code event}, {@code client}, {@code lane}, {@code reason}. */
    List<byte[]> entry(FoundLetter letter, String did, String who) {
        return Args.of("by", who, "did", did, "event", letter.eventId(), "client", letter.client(), "lane", lane(letter), "reason",
                letter.death().reason()).list();
    }

    void log(FoundLetter letter, String done, String who) {
        LOG.info("dead letter {} of lane {} {} by {}", letter.eventId(), lane(letter), done, who);
    }

    private static String lane(FoundLetter letter) {
        return letter.lane().map(Lane::name).orElse("");
    }
}
