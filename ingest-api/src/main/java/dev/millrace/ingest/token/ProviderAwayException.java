package dev.millrace.ingest.token;

/** The keys of the OpenID provider can't be fetched, so that its tokens can't be checked; it says why, for the log. */
public final class ProviderAwayException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ProviderAwayException(Throwable cause) {
        super("the OpenID provider's keys can't be fetched: " + cause.getMessage(), cause);
    }
}
