package dev.millrace.ingest.token;

import com.nimbusds.jwt.SignedJWT;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Script;
import dev.millrace.schema.settings.UserSettings;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tokens that requests bring, of ours and of the provider, less those whose user has logged out. */
public final class BearerTokens {
    private static final Script DENY = Script.load(BearerTokens.class, "deny");

    private final Redis redis;
    private final Keyspace keys;
    private final OwnTokens own;
    private final @Nullable ProviderTokens provider;
    private final InstantSource clock;

    public BearerTokens(Redis redis, Keyspace keys, OwnTokens own, UserSettings settings, InstantSource clock) {
        this.redis = redis;
        this.keys = keys;
        this.own = own;
        this.provider = settings.provider() == null ? null : new ProviderTokens(settings.provider(), clock);
        this.clock = clock;
    }

    /**
     * What a token says.
     *
     * @return empty if it is not genuine, not in its time, or denied
     * @throws ProviderAwayException if the provider's keys can't be had
     * @throws RedisUnavailableException if Redis can't be asked whether it is denied
     */
    public Optional<VerifiedToken> verify(String text) {
        SignedJWT token;
        String issuer;
        try {
            token = SignedJWT.parse(text);
            issuer = token.getJWTClaimsSet().getIssuer();
        } catch (ParseException e) {
            return Optional.empty();
        }
        // What an unverified token says of its issuer only chooses whose keys it has to fit.
        Optional<
                VerifiedToken> verified = provider != null && provider.issuer().equals(issuer) ? provider.verify(token) : own.verify(token);
        return verified.filter(genuine -> redis.get(keys.denied(genuine.denial())) == null);
    }

    /**
     * Denies all tokens that were given out in a session, for as long as any of them could be shown.
     *
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public void denySession(String session) {
        deny(session, own.outlives());
    }

    /** Denies a token: of ours with all of its session, of a provider's this one. */
    public void deny(VerifiedToken token) {
        if (token.ours()) {
            denySession(token.denial());
        } else {
            deny(token.denial(),
                    Duration.between(clock.instant(), token.expiresAt()).plusSeconds(2L * Verification.SKEW_SECONDS));
        }
    }

    private void deny(String id, Duration forThis) {
        redis.eval(DENY, List.of(keys.denied(id)), Args.of().add(Math.max(1, forThis.toMillis())).list());
    }
}
