package dev.millrace.ingest.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.time.InstantSource;
import java.util.Date;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one way in which tokens of an issuer are verified: signature, type, issuer, audience, times with 60 s for clocks that differ. Keys come
 * from the selector alone; what a header says of keys ({@code jwk}, {@code jku}, {@code x5c}, {@code x5u}) is not read.
 */
final class Verification {
    static final int SKEW_SECONDS = 60;

    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

    /**
     * @param types that a token may be of, null among them if it may leave that out
     * @param keys gives the keys that fit a header; none if it names another algorithm than theirs
     * @param required claims that must be there besides issuer and audience
     */
    Verification(Set<@Nullable JOSEObjectType> types, JWSKeySelector<SecurityContext> keys, String issuer, String audience,
            Set<String> required, InstantSource clock) {
        // A set that may be asked for null, unlike those of Set.of.
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(new HashSet<>(types)));
        processor.setJWSKeySelector(keys);
        DefaultJWTClaimsVerifier<SecurityContext> claims = new DefaultJWTClaimsVerifier<>(Set.of(audience),
                new JWTClaimsSet.Builder().issuer(issuer).build(), required, null) {
            @Override
            protected Date currentTime() {
                return Date.from(clock.instant());
            }
        };
        claims.setMaxClockSkew(SKEW_SECONDS);
        processor.setJWTClaimsSetVerifier(claims);
    }

    /**
     * The claims of a token.
     *
     * @return empty if it is not genuine or not in its time
     * @throws ProviderAwayException if the keys can't be had
     */
    Optional<JWTClaimsSet> claims(SignedJWT token) {
        try {
            return Optional.of(processor.process(token, null));
        } catch (KeySourceException e) {
            throw new ProviderAwayException(e);
        } catch (BadJOSEException | JOSEException e) {
            return Optional.empty();
        }
    }
}
