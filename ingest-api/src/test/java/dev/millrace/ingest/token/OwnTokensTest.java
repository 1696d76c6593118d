package dev.millrace.ingest.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.millrace.ingest.session.Session;
import dev.millrace.schema.settings.TokenKey;
import dev.millrace.schema.settings.UserSettings;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OwnTokensTest {
    private static final String SECRET = "the-secret-of-all-of-these-tests-";
    private static final TokenKey KEY = new TokenKey("1", SECRET);
    private static final Instant NOW = Instant.parse("2026-03-01T09:30:00Z");
    private static final Session SESSION = new Session("the-session", "acme", "ada", "", NOW, NOW, NOW.plusSeconds(3_600));

    private final OwnTokens tokens = tokens(NOW, KEY);

    @Test
    void whatIsGivenOutIsTaken() throws Exception {
        OwnTokens.Issued issued = tokens.issue(SESSION);

        assertThat(issued.expiresAt()).isEqualTo(NOW.plusSeconds(900));
        assertThat(tokens.verify(SignedJWT.parse(issued.text())))
                .contains(new VerifiedToken("acme", "ada", "the-session", true, issued.expiresAt()));
        SignedJWT token = SignedJWT.parse(issued.text());
        assertThat(token.getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.HS256);
        assertThat(token.getHeader().getKeyID()).isEqualTo("1");
        assertThat(token.getHeader().getType()).isEqualTo(new JOSEObjectType("at+jwt"));
        assertThat(token.getJWTClaimsSet().getClaims().keySet())
                .isEqualTo(Set.of("iss", "aud", "sub", "client", "sid", "jti", "iat", "nbf", "exp"));
        assertThat(issued.toString()).doesNotContain(issued.text());
    }

    @Test
    void noTwoTokensAreOne() throws Exception {
        String first = SignedJWT.parse(tokens.issue(SESSION).text()).getJWTClaimsSet().getJWTID();
        assertThat(first).hasSize(22).isNotEqualTo(SignedJWT.parse(tokens.issue(SESSION).text()).getJWTClaimsSet().getJWTID());
    }

    @Test
    void aTokenDoesNotOutliveItsSession() {
        Session ending = new Session("s", "acme", "ada", "", NOW, NOW, NOW.plusMillis(60_900));
        assertThat(tokens.issue(ending).expiresAt()).isEqualTo(NOW.plusSeconds(60));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 899, 900, 959})
    void itIsGoodForItsTimeAndAMinuteForClocksThatDiffer(int seconds) throws Exception {
        SignedJWT token = SignedJWT.parse(tokens.issue(SESSION).text());
        assertThat(tokens(NOW.plusSeconds(seconds), KEY).verify(token)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(ints = {961, 86_400})
    void afterThatItIsExpired(int seconds) throws Exception {
        SignedJWT token = SignedJWT.parse(tokens.issue(SESSION).text());
        assertThat(tokens(NOW.plusSeconds(seconds), KEY).verify(token)).isEmpty();
    }

    @Test
    void beforeItsTimeItIsNotTakenEither() throws Exception {
        SignedJWT token = SignedJWT.parse(tokens.issue(SESSION).text());
        assertThat(tokens(NOW.minusSeconds(59), KEY).verify(token)).isPresent();
        assertThat(tokens(NOW.minusSeconds(61), KEY).verify(token)).isEmpty();
    }

    @Test
    void theFirstSecretSignsAndAllVerify() throws Exception {
        TokenKey next = new TokenKey("2", "the-next-secret-of-these-tests---");
        OwnTokens rotated = tokens(NOW, next, KEY);
        SignedJWT old = SignedJWT.parse(tokens.issue(SESSION).text());
        SignedJWT fresh = SignedJWT.parse(rotated.issue(SESSION).text());

        assertThat(rotated.verify(old)).isPresent();
        assertThat(fresh.getHeader().getKeyID()).isEqualTo("2");
        assertThat(rotated.verify(fresh)).isPresent();
        assertThat(tokens(NOW, next).verify(old)).as("a secret that was taken away").isEmpty();
        assertThat(tokens.verify(fresh)).isEmpty();
    }

    @Test
    void anyChangeShows() {
        String text = tokens.issue(SESSION).text();
        String[] parts = text.split("\\.", -1);
        String otherUser = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8).replace("\"ada\"", "\"bob\"");
        String forged = parts[0] + '.' + base64(otherUser) + '.' + parts[2];

        assertThat(verify(forged)).isEmpty();
        for (int i = 0; i < text.length(); i += 7) {
            char other = text.charAt(i) == 'A' ? 'B' : 'A';
            assertThat(verify(text.substring(0, i) + other + text.substring(i + 1))).as("character %d", i).isEmpty();
        }
        assertThat(verify(parts[0] + '.' + parts[1] + '.')).isEmpty();
        assertThat(verify(parts[0] + '.' + parts[1])).isEmpty();
    }

    @Test
    void aTokenWithoutSignatureIsNone() {
        String[] parts = tokens.issue(SESSION).text().split("\\.", -1);
        for (String none : List.of("none", "None", "NONE", "nOnE")) {
            String header = base64("{\"alg\":\"" + none + "\",\"typ\":\"at+jwt\",\"kid\":\"1\"}");
            assertThat(verify(header + '.' + parts[1] + '.')).as(none).isEmpty();
            assertThat(verify(header + '.' + parts[1] + '.' + parts[2])).as(none).isEmpty();
        }
        assertThat(verify(new PlainJWT(claims().build()).serialize())).isEmpty();
    }

    @Test
    void theKeyDecidesTheAlgorithm() throws Exception {
        byte[] longSecret = (SECRET + SECRET).getBytes(StandardCharsets.UTF_8);
        TokenKey key = new TokenKey("1", SECRET + SECRET);
        for (JWSAlgorithm algorithm : List.of(JWSAlgorithm.HS384, JWSAlgorithm.HS512)) {
            SignedJWT token = sign(header -> header, claims(), new MACSigner(longSecret), algorithm, "1");
            assertThat(tokens(NOW, key).verify(token)).as("%s", algorithm).isEmpty();
        }
        RSAKey rsa = new RSAKeyGenerator(2_048).generate();
        assertThat(tokens.verify(sign(header -> header, claims(), new RSASSASigner(rsa), JWSAlgorithm.RS256, "1"))).isEmpty();
    }

    @Test
    void aKeyThatIsNotOursIsNotLookedForAnywhere() throws Exception {
        byte[] foreign = "a-secret-that-someone-else-made-up".getBytes(StandardCharsets.UTF_8);
        MACSigner signer = new MACSigner(foreign);
        assertThat(tokens.verify(sign(header -> header, claims(), signer, JWSAlgorithm.HS256, "1"))).isEmpty();
        assertThat(tokens.verify(sign(header -> header, claims(), signer, JWSAlgorithm.HS256, "2"))).isEmpty();
        assertThat(tokens.verify(sign(header -> header, claims(), signer, JWSAlgorithm.HS256, null))).isEmpty();
        RSAKey rsa = new RSAKeyGenerator(2_048).generate();
        assertThat(tokens.verify(sign(header -> header.jwk(rsa.toPublicJWK()).jwkURL(URI.create("http://127.0.0.1:1/keys"))
                .x509CertURL(URI.create("http://127.0.0.1:1/cert")), claims(), new RSASSASigner(rsa), JWSAlgorithm.RS256, "1"))).isEmpty();
    }

    @Test
    void ourOwnSecretWithoutItsNameOpensNothing() throws Exception {
        assertThat(tokens.verify(sign(header -> header, claims(), signer(), JWSAlgorithm.HS256, "1"))).as("the same with it").isPresent();
        assertThat(tokens.verify(sign(header -> header, claims(), signer(), JWSAlgorithm.HS256, null))).isEmpty();
    }

    @Test
    void tokensOfAnotherKindAreRefused() throws Exception {
        assertThat(tokens.verify(sign(header -> header.type(JOSEObjectType.JWT), claims(), signer(), JWSAlgorithm.HS256, "1"))).isEmpty();
        assertThat(tokens.verify(sign(header -> header.type(null), claims(), signer(), JWSAlgorithm.HS256, "1"))).isEmpty();
        assertThat(tokens.verify(sign(header -> header.criticalParams(Set.of("exp")).customParam("exp", 1), claims(), signer(),
                JWSAlgorithm.HS256, "1"))).isEmpty();
    }

    @Test
    void anotherIssuerOrAudienceIsRefused() throws Exception {
        assertThat(verifySigned(claims().issuer("someone"))).isEmpty();
        assertThat(verifySigned(claims().issuer(null))).isEmpty();
        assertThat(verifySigned(claims().audience("millrace/other"))).isEmpty();
        assertThat(verifySigned(claims().audience((String) null))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sub", "client", "sid", "jti", "iat", "nbf", "exp"})
    void noClaimMayBeMissing(String claim) throws Exception {
        assertThat(verifySigned(claims().claim(claim, null))).isEmpty();
    }

    @Test
    void whatIsNoNameIsNobody() throws Exception {
        assertThat(verifySigned(claims().subject("a/b"))).isEmpty();
        assertThat(verifySigned(claims().claim("client", "a b"))).isEmpty();
        assertThat(verifySigned(claims().claim("client", List.of("acme")))).isEmpty();
        assertThat(verifySigned(claims().claim("sid", 7))).isEmpty();
    }

    @Test
    void aTokenThatIsValidFromTomorrowOnIsNotToday() throws Exception {
        assertThat(verifySigned(claims().notBeforeTime(Date.from(NOW.plusSeconds(61))))).isEmpty();
        assertThat(verifySigned(claims().notBeforeTime(Date.from(NOW.plusSeconds(59))))).isPresent();
    }

    @Test
    void withoutSecretNoneAreGivenOutOrTaken() throws Exception {
        OwnTokens none = tokens(NOW);
        assertThat(none.available()).isFalse();
        assertThatIllegalStateException().isThrownBy(() -> none.issue(SESSION));
        assertThat(none.verify(SignedJWT.parse(tokens.issue(SESSION).text()))).isEmpty();
        assertThatExceptionOfType(ParseException.class).isThrownBy(() -> SignedJWT.parse("no token"));
    }

    private static OwnTokens tokens(Instant now, TokenKey... keys) {
        return new OwnTokens(new UserSettings(List.of(keys), Duration.ofMinutes(15), Duration.ofHours(1), Duration.ofHours(1), null), "mr",
                InstantSource.fixed(now));
    }

    private Optional<VerifiedToken> verify(String text) {
        try {
            return tokens.verify(SignedJWT.parse(text));
        } catch (ParseException e) {
            return Optional.empty();
        }
    }

    private Optional<VerifiedToken> verifySigned(JWTClaimsSet.Builder claims) throws Exception {
        return tokens.verify(sign(header -> header, claims, signer(), JWSAlgorithm.HS256, "1"));
    }

    private static MACSigner signer() throws Exception {
        return new MACSigner(SECRET.getBytes(StandardCharsets.UTF_8));
    }

    private static SignedJWT sign(UnaryOperator<JWSHeader.Builder> more, JWTClaimsSet.Builder claims, JWSSigner signer,
            JWSAlgorithm algorithm, String kid) throws Exception {
        JWSHeader header = more.apply(new JWSHeader.Builder(algorithm).type(OwnTokens.TYPE).keyID(kid)).build();
        SignedJWT token = new SignedJWT(header, claims.build());
        token.sign(signer);
        return SignedJWT.parse(token.serialize());
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder().issuer("millrace").audience("millrace/mr").subject("ada").claim("client", "acme")
                .claim("sid", "the-session").jwtID("id").issueTime(Date.from(NOW)).notBeforeTime(Date.from(NOW))
                .expirationTime(Date.from(NOW.plusSeconds(900)));
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
