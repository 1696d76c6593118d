package dev.millrace.ingest.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.millrace.ingest.session.Session;
import dev.millrace.schema.event.Names;
import dev.millrace.schema.settings.TokenKey;
import dev.millrace.schema.settings.UserSettings;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that are given out here: signed with HS256, of type {@code at+jwt} (RFC 9068), for a few minutes. Each belongs to a session,
 * which its claim {@code sid} names and with which it ends.
 */
public final class OwnTokens {
    static final String ISSUER = "millrace";
    static final String CLIENT = "client";
    static final String SESSION = "sid";
    static final JOSEObjectType TYPE = new JOSEObjectType("at+jwt");
    private static final JWSAlgorithm ALGORITHM = JWSAlgorithm.HS256;
    private static final Set<String> REQUIRED = Set.of("sub", CLIENT, SESSION, "jti", "iat", "nbf", "exp");
    private static final int ID_BYTES = 16;

    private final Map<String, SecretKey> keys = new HashMap<>();
    private final @Nullable TokenKey signing;
    private final String audience;
    private final Duration ttl;
    private final InstantSource clock;
    private final Verification verification;
    private final SecureRandom random = new SecureRandom();

    /**
     * @param namespace of this installation; tokens of another one are for another audience
     */
    public OwnTokens(UserSettings settings, String namespace, InstantSource clock) {
        for (TokenKey key : settings.tokenKeys()) {
            keys.put(key.id(), new SecretKeySpec(key.secret().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        }
        this.signing = settings.tokenKeys().isEmpty() ? null : settings.tokenKeys().getFirst();
        this.audience = audience(namespace);
        this.ttl = settings.tokenTtl();
        this.clock = clock;
        this.verification = new Verification(Set.of(TYPE), (header, _) -> keys(header), ISSUER, audience, REQUIRED, clock);
    }

    static String audience(String namespace) {
        return ISSUER + '/' + namespace;
    }

    private List<SecretKey> keys(JWSHeader header) {
        SecretKey key = ALGORITHM.equals(header.getAlgorithm()) && header.getKeyID() != null ? keys.get(header.getKeyID()) : null;
        return key == null ? List.of() : List.of(key);
    }

    /** Whether there is a secret to sign with. */
    public boolean available() {
        return signing != null;
    }

    /**
     * A token as it is given out.
     *
     * @param text the token itself
     */
    public record Issued(String text, Instant expiresAt) {
        @Override
        public String toString() {
            return "Issued[expires at " + expiresAt + ']';
        }
    }

    /**
     * Gives a token out for a session, no longer than that may last.
     *
     * @throws IllegalStateException if there is no secret to sign with
     */
    public Issued issue(Session session) {
        TokenKey key = signing;
        if (key == null) {
            throw new IllegalStateException("no secret signs tokens");
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Instant end = now.plus(ttl);
        Instant expiresAt = end.isAfter(session.expiresAt()) ? session.expiresAt().truncatedTo(ChronoUnit.SECONDS) : end;
        JWTClaimsSet claims = new JWTClaimsSet.Builder().issuer(ISSUER).audience(audience).subject(session.user())
                .claim(CLIENT, session.client()).claim(SESSION, session.id()).jwtID(id()).issueTime(Date.from(now))
                .notBeforeTime(Date.from(now)).expirationTime(Date.from(expiresAt)).build();
        SignedJWT token = new SignedJWT(new JWSHeader.Builder(ALGORITHM).type(TYPE).keyID(key.id()).build(), claims);
        try {
            token.sign(new MACSigner(key.secret().getBytes(StandardCharsets.UTF_8)));
        } catch (JOSEException e) {
            throw new IllegalStateException("a token could not be signed", e);
        }
        return new Issued(token.serialize(), expiresAt);
    }

    private String id() {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** How long after its session a token may still be shown. */
    Duration outlives() {
        return ttl.plusSeconds(Verification.SKEW_SECONDS);
    }

    /** What a token says, if it is one of ours. */
    Optional<VerifiedToken> verify(SignedJWT token) {
        return verification.claims(token).flatMap(claims -> {
            if (claims.getClaim(CLIENT) instanceof String client && Names.valid(client) && Names.valid(claims.getSubject())
                    && claims.getClaim(SESSION) instanceof String session) {
                return Optional.of(new VerifiedToken(client, claims.getSubject(), session, true, claims.getExpirationTime().toInstant()));
            }
            return Optional.empty();
        });
    }
}
