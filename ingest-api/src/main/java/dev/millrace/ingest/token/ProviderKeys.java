package dev.millrace.ingest.token;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyConverter;
import com.nimbusds.jose.jwk.KeyType;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.source.CachingJWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.jwk.source.RateLimitedJWKSetSource;
import com.nimbusds.jose.proc.JWSKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import java.security.Key;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The provider's public keys, kept for a quarter of an hour. A token that names a key which is not among them has them fetched anew, though
 * no more than twice in a while: whoever makes up key ids must not make us hammer the provider.
 */
final class ProviderKeys implements JWSKeySelector<SecurityContext> {
    private static final Duration KEPT = Duration.ofMinutes(15);
    /** How long anyone waits for someone else's fetch. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int MIN_RSA_BITS = 2_048;

    private final CachingJWKSetSource<SecurityContext> source;
    private final InstantSource clock;

    /**
     * @param source fetches them
     * @param interval in which they are fetched twice at most
     */
    ProviderKeys(JWKSetSource<SecurityContext> source, Duration interval, InstantSource clock) {
        this.source = new CachingJWKSetSource<>(new RateLimitedJWKSetSource<>(source, interval.toMillis(), null), KEPT.toMillis(),
                PATIENCE.toMillis(), null);
        this.clock = clock;
    }

    @Override
    public List<Key> selectJWSKeys(JWSHeader header, @Nullable SecurityContext context) throws KeySourceException {
        JWKMatcher fitting = fitting(header);
        if (fitting == null) {
            return List.of();
        }
        JWKSet known = source.getJWKSet(JWKSetCacheRefreshEvaluator.noRefresh(), clock.millis(), null);
        List<Key> keys = keys(known, fitting);
        if (!keys.isEmpty()) {
            return keys;
        }
        try {
            return keys(source.getJWKSet(JWKSetCacheRefreshEvaluator.referenceComparison(known), clock.millis(), null), fitting);
        } catch (RateLimitReachedException e) {
            return List.of();
        }
    }

    /** The keys that may have made a signature: the algorithm is one of two, and only a key made for it will do. */
    private static @Nullable JWKMatcher fitting(JWSHeader header) {
        if (header.getKeyID() == null) {
            return null;
        }
        JWKMatcher.Builder key = new JWKMatcher.Builder().keyID(header.getKeyID()).keyUses(KeyUse.SIGNATURE, null)
                .algorithms(header.getAlgorithm(), null);
        if (JWSAlgorithm.RS256.equals(header.getAlgorithm())) {
            return key.keyType(KeyType.RSA).minKeySize(MIN_RSA_BITS).build();
        }
        if (JWSAlgorithm.ES256.equals(header.getAlgorithm())) {
            return key.keyType(KeyType.EC).curve(Curve.P_256).build();
        }
        return null;
    }

    private static List<Key> keys(JWKSet set, JWKMatcher fitting) {
        return KeyConverter.toJavaKeys(set.filter(fitting).toPublicJWKSet().getKeys());
    }
}
