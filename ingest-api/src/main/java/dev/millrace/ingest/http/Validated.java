package dev.millrace.ingest.http;

import io.javalin.http.Context;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Writes answers that their readers may keep and ask again for (RFC 9110, 13.1.2): each has an entity tag, and whoever names it in
 * {@code If-None-Match} is answered 304 without a body for as long as the answer would be the same.
 */
final class Validated {
    /** Kept by its reader alone, and asked for again before each use. */
    static final String CACHE_CONTROL = "private, no-cache";
    private static final int DIGEST_BYTES = 12;

    private Validated() {}

    static void json(Context ctx, Object body) {
        json(ctx, body, body);
    }

    /**
     * Writes an answer that is as good as another if both show the same.
     *
     * @param shows the answer without what may differ
     */
    static void json(Context ctx, Object body, Object shows) {
        // Weak, because of what may differ, and because the same answer may be sent compressed or not.
        String tag = "W/\"" + digest(Answers.MAPPER.writeValueAsBytes(shows)) + '"';
        ctx.header("Cache-Control", CACHE_CONTROL);
        if (!isAtHand(ctx, tag)) {
            Answers.json(ctx, 200, body);
        }
    }

    /** Tells what the answer is called; if the caller has that at hand, answers 304, and nothing else is to be written. */
    static boolean isAtHand(Context ctx, String tag) {
        ctx.header("ETag", tag);
        boolean atHand = names(ctx.header("If-None-Match"), tag);
        if (atHand) {
            Answers.empty(ctx, 304);
        }
        return atHand;
    }

    /** A short name of some content, of letters that may stand in headers. */
    static String digest(byte[] content) {
        try {
            byte[] whole = MessageDigest.getInstance("SHA-256").digest(content);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(whole, DIGEST_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }

    /** By weak comparison. Tags of ours hold no commas, so that it does no harm to split those of others. */
    private static boolean names(@Nullable String ifNoneMatch, String tag) {
        if (ifNoneMatch == null) {
            return false;
        }
        String opaque = tag.substring(2);
        for (String part : ifNoneMatch.split(",", -1)) {
            String one = part.strip();
            if (one.equals("*") || one.equals(tag) || one.equals(opaque)) {
                return true;
            }
        }
        return false;
    }
}
