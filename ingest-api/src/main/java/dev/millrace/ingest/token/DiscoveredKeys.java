package dev.millrace.ingest.token;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSetUnavailableException;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jose.util.ResourceRetriever;
import java.io.IOException;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fetches a provider's keys from where its discovery document (OpenID Connect Discovery 1.0) says they are. */
final class DiscoveredKeys implements JWKSetSource<SecurityContext> {
    private static final String WELL_KNOWN = "/.well-known/openid-configuration";
    private static final int TIMEOUT_MS = (int) Duration.ofSeconds(2).toMillis();
    /** A document is a few KiB; this bounds how many keys there can be, too. */
    private static final int MAX_BYTES = 64 << 10;

    private final String issuer;
    private final ResourceRetriever web = new DefaultResourceRetriever(TIMEOUT_MS, TIMEOUT_MS, MAX_BYTES);

    DiscoveredKeys(String issuer) {
        this.issuer = issuer;
    }

    @Override
    public JWKSet getJWKSet(JWKSetCacheRefreshEvaluator refresh, long now, @Nullable SecurityContext context) throws KeySourceException {
        try {
            Map<String, Object> document = JSONObjectUtils.parse(read(URI.create(issuer.replaceFirst("/$", "") + WELL_KNOWN)));
            if (!issuer.equals(document.get("issuer"))) {
                throw new JWKSetUnavailableException("the discovery document is another issuer's");
            }
            if (!(document.get("jwks_uri") instanceof String keys)) {
                throw new JWKSetUnavailableException("the discovery document names no jwks_uri");
            }
            URI where = URI.create(keys);
            if (!"https".equals(where.getScheme()) && !URI.create(issuer).getScheme().equals(where.getScheme())) {
                throw new JWKSetUnavailableException("jwks_uri is no https URL");
            }
            return JWKSet.parse(read(where));
        } catch (IOException | ParseException | IllegalArgumentException e) {
            throw new JWKSetUnavailableException(String.valueOf(e.getMessage()), e);
        }
    }

    private String read(URI where) throws IOException {
        return web.retrieveResource(where.toURL()).getContent();
    }

    @Override
    public void close() {}
}
