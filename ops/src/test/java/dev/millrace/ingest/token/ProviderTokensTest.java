package dev.millrace.ingest.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.millrace.ops.testkit.OpenIdProvider;
import dev.millrace.schema.settings.ProviderSettings;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tokens of a real provider: its documents over HTTP, its keys, its signatures. */
final class ProviderTokensTest {
    private static final OpenIdProvider PROVIDER = OpenIdProvider.start();
    private static final RSAKey RSA = OpenIdProvider.rsa("rsa-1", 2_048);
    private static final ECKey EC = OpenIdProvider.ec("ec-1", Curve.P_256);
    private static final String US = "leaderboards";

    private final String issuer = PROVIDER.issuer();
    private ProviderTokens tokens;

    @BeforeEach
    void start() {
        PROVIDER.away(false);
        PROVIDER.publish(RSA, EC);
        tokens = tokens(issuer, Duration.ofMinutes(10));
    }

    @AfterAll
    static void stop() {
        PROVIDER.close();
    }

    @Test
    void tokensOfBothAlgorithmsAreTaken() {
        Optional<VerifiedToken> rsa = verify(claims(), RSA, JWSAlgorithm.RS256);
        Optional<VerifiedToken> ec = verify(claims(), EC, JWSAlgorithm.ES256);

        assertThat(rsa).hasValueSatisfying(token -> {
            assertThat(token.client()).isEqualTo("acme");
            assertThat(token.user()).isEqualTo("ada");
            assertThat(token.ours()).isFalse();
            assertThat(token.expiresAt()).isAfter(Instant.now());
        });
        assertThat(ec).map(VerifiedToken::user).contains("ada");
        assertThat(ec.orElseThrow().denial()).isNotEqualTo(rsa.orElseThrow().denial());
    }

    @Test
    void otherAlgorithmsAreRefusedThoughTheKeyCouldDoThem() {
        assertThat(verify(claims(), RSA, JWSAlgorithm.RS384)).isEmpty();
        assertThat(verify(claims(), RSA, JWSAlgorithm.RS512)).isEmpty();
        assertThat(verify(claims(), RSA, JWSAlgorithm.PS256)).isEmpty();
        ECKey p384 = OpenIdProvider.ec("ec-384", Curve.P_384);
        PROVIDER.publish(p384);
        assertThat(verify(claims(), p384, JWSAlgorithm.ES384)).isEmpty();
    }

    /** The classic: the public key, which everyone knows, taken for the secret of an HMAC. */
    @Test
    void aPublicKeyIsNoSecret() throws Exception {
        for (byte[] secret : new byte[][]{RSA.toRSAPublicKey().getEncoded(),
                RSA.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8)}) {
            SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("rsa-1").build(), claims().build());
            token.sign(new MACSigner(secret));
            assertThat(tokens.verify(SignedJWT.parse(token.serialize()))).isEmpty();
        }
    }

    @Test
    void aSecretThatTheProviderPublishesIsNoKey() throws Exception {
        OctetSequenceKey secret = new OctetSequenceKey.Builder(new byte[32]).keyID("oct").keyUse(KeyUse.SIGNATURE).build();
        PROVIDER.publish(RSA, secret);
        SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("oct").build(), claims().build());
        token.sign(new MACSigner(new byte[32]));
        assertThat(tokens.verify(SignedJWT.parse(token.serialize()))).isEmpty();
    }

    @Test
    void aSignatureOfAnotherKeyUnderAKnownNameIsRefused() {
        assertThat(verify(claims(), OpenIdProvider.rsa("rsa-1", 2_048), JWSAlgorithm.RS256)).isEmpty();
        assertThat(verify(claims(), OpenIdProvider.ec("ec-1", Curve.P_256), JWSAlgorithm.ES256)).isEmpty();
    }

    @Test
    void aWeakKeyOrOneForOtherThingsIsRefused() {
        RSAKey weak = OpenIdProvider.rsa("weak", 1_024);
        RSAKey forEncryption = new RSAKey.Builder(RSA).keyID("enc").keyUse(KeyUse.ENCRYPTION).build();
        RSAKey forAnother = new RSAKey.Builder(RSA).keyID("ps").algorithm(JWSAlgorithm.PS256).build();
        PROVIDER.publish(weak, forEncryption, forAnother);
        assertThat(verify(claims(), weak, JWSAlgorithm.RS256)).isEmpty();
        assertThat(verify(claims(), forEncryption, JWSAlgorithm.RS256)).isEmpty();
        assertThat(verify(claims(), forAnother, JWSAlgorithm.RS256)).isEmpty();
    }

    @Test
    void aTokenMustNameItsKey() throws Exception {
        SignedJWT token = SignedJWT.parse(OpenIdProvider.sign(claims(), new RSAKey.Builder(RSA).keyID(null).build(), JWSAlgorithm.RS256));
        assertThat(token.getHeader().getKeyID()).isNull();
        assertThat(tokens.verify(token)).isEmpty();
    }

    @Test
    void issuerAudienceAndTimesAreHeldTo() {
        Instant now = Instant.now();
        assertThat(verify(claims().issuer("https://login.example.com"))).isEmpty();
        assertThat(verify(claims().audience("another-service"))).isEmpty();
        assertThat(verify(claims().audience((String) null))).isEmpty();
        assertThat(verify(claims().audience(List.of("another-service", US)))).isPresent();
        assertThat(verify(claims().expirationTime(Date.from(now.minusSeconds(62))))).isEmpty();
        assertThat(verify(claims().expirationTime(null))).isEmpty();
        assertThat(verify(claims().notBeforeTime(Date.from(now.plusSeconds(90))))).isEmpty();
        assertThat(verify(claims().notBeforeTime(Date.from(now.plusSeconds(30))))).isPresent();
    }

    @Test
    void whoIsNoUserOfAClientIsNobody() {
        assertThat(verify(claims().subject(null))).isEmpty();
        assertThat(verify(claims().subject("auth0|7"))).isEmpty();
        assertThat(verify(claims().claim("client", null))).isEmpty();
        assertThat(verify(claims().claim("client", "a/b"))).isEmpty();
        assertThat(verify(claims().claim("client", List.of("acme")))).isEmpty();
    }

    @Test
    void keysAreFetchedOnceForManyTokens() {
        int before = PROVIDER.fetches();
        for (int n = 0; n < 20; n++) {
            assertThat(verify(claims())).isPresent();
        }
        assertThat(PROVIDER.fetches() - before).isEqualTo(1);
    }

    @Test
    void aNewKeyIsFoundWhenItsFirstTokenComes() {
        assertThat(verify(claims())).isPresent();
        RSAKey next = OpenIdProvider.rsa("rsa-2", 2_048);
        PROVIDER.publish(next);
        assertThat(verify(claims(), next, JWSAlgorithm.RS256)).isPresent();
        assertThat(verify(claims())).as("the old one has been taken away").isEmpty();
    }

    @Test
    void madeUpKeyIdsDoNotHammerTheProvider() {
        assertThat(verify(claims())).isPresent();
        int before = PROVIDER.fetches();
        for (int n = 0; n < 50; n++) {
            RSAKey unknown = new RSAKey.Builder(RSA).keyID("made-up-" + n).build();
            assertThat(verify(claims(), unknown, JWSAlgorithm.RS256)).isEmpty();
        }
        assertThat(PROVIDER.fetches() - before).isLessThanOrEqualTo(2);
        assertThat(verify(claims())).as("the known ones are as good as before").isPresent();
    }

    @Test
    void whileTheProviderIsAwayNobodyIsLetInWhoseKeyIsNotKnown() {
        PROVIDER.away(true);
        assertThatExceptionOfType(ProviderAwayException.class).isThrownBy(() -> verify(claims()));

        ProviderTokens known = tokens(issuer, Duration.ofMinutes(10));
        PROVIDER.away(false);
        assertThat(known.verify(parse(claims(), RSA, JWSAlgorithm.RS256))).isPresent();
        PROVIDER.away(true);
        assertThat(known.verify(parse(claims(), RSA, JWSAlgorithm.RS256))).isPresent();
    }

    @Test
    void aDiscoveryDocumentOfAnotherIssuerIsNotFollowed() {
        try {
            PROVIDER.callItself("https://login.example.com");
            assertThatExceptionOfType(ProviderAwayException.class)
                    .isThrownBy(() -> tokens.verify(parse(claims().issuer(issuer), RSA, JWSAlgorithm.RS256)));
        } finally {
            PROVIDER.callItself(issuer);
        }
    }

    private static ProviderTokens tokens(String issuer, Duration interval) {
        InstantSource clock = InstantSource.system();
        return new ProviderTokens(new ProviderSettings(URI.create(issuer), US, "client"),
                new ProviderKeys(new DiscoveredKeys(issuer), interval, clock), clock);
    }

    private Optional<VerifiedToken> verify(JWTClaimsSet.Builder claims) {
        return verify(claims, RSA, JWSAlgorithm.RS256);
    }

    private Optional<VerifiedToken> verify(JWTClaimsSet.Builder claims, JWK key, JWSAlgorithm algorithm) {
        return tokens.verify(parse(claims, key, algorithm));
    }

    private static SignedJWT parse(JWTClaimsSet.Builder claims, JWK key, JWSAlgorithm algorithm) {
        try {
            return SignedJWT.parse(OpenIdProvider.sign(claims, key, algorithm));
        } catch (ParseException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JWTClaimsSet.Builder claims() {
        return PROVIDER.claims("acme", "ada", US);
    }
}
