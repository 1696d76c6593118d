package dev.millrace.ingest.token;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.millrace.schema.event.Names;
import dev.millrace.schema.settings.ProviderSettings;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tokens of an OpenID provider, signed with RS256 or ES256. Its subjects are the ids of users and players. */
final class ProviderTokens {
    private static final Duration FETCH_INTERVAL = Duration.ofSeconds(10);
    private static final Set<String> REQUIRED = Set.of("sub", "exp");

    private final String issuer;
    private final String clientClaim;
    private final Verification verification;

    ProviderTokens(ProviderSettings settings, InstantSource clock) {
        this(settings, new ProviderKeys(new DiscoveredKeys(settings.issuer().toString()), FETCH_INTERVAL, clock), clock);
    }

    ProviderTokens(ProviderSettings settings, ProviderKeys keys, InstantSource clock) {
        this.issuer = settings.issuer().toString();
        this.clientClaim = settings.clientClaim();
        // Providers differ in how they call their tokens; some don't.
        Set<@Nullable JOSEObjectType> types = new HashSet<>();
        types.add(JOSEObjectType.JWT);
        types.add(OwnTokens.TYPE);
        types.add(null);
        this.verification = new Verification(types, keys, issuer, settings.audience(), REQUIRED, clock);
    }

    String issuer() {
        return issuer;
    }

    /**
     * What a token says.
     *
     * @return empty if it is not genuine, or names nobody who could be a user here
     * @throws ProviderAwayException if the provider's keys can't be had
     */
    Optional<VerifiedToken> verify(SignedJWT token) {
        return verification.claims(token).flatMap(claims -> user(token, claims));
    }

    private Optional<VerifiedToken> user(SignedJWT token, JWTClaimsSet claims) {
        String user = claims.getSubject();
        if (claims.getClaim(clientClaim) instanceof String client && Names.valid(client) && Names.valid(user)) {
            return Optional.of(new VerifiedToken(client, user, digest(token), false, claims.getExpirationTime().toInstant()));
        }
        return Optional.empty();
    }

    /** Of what is signed, because a signature can be written in more ways than one. Not all providers give their tokens ids. */
    private static String digest(SignedJWT token) {
        try {
            return Base64.getUrlEncoder().withoutPadding()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(token.getSigningInput()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }
}
