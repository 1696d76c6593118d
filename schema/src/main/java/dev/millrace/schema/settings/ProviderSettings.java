package dev.millrace.schema.settings;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * The OpenID provider whose tokens are taken.
 *
 * @param issuer as its tokens and its discovery document say it
 * @param audience that its tokens must be for
 * @param clientClaim the claim that names the client whose user it is
 */
public record ProviderSettings(URI issuer, String audience, String clientClaim) {
    public ProviderSettings {
        boolean secure = "https".equals(issuer.getScheme()) || ("http".equals(issuer.getScheme()) && isLoopback(issuer.getHost()));
        if (!secure || issuer.getHost() == null || issuer.getQuery() != null || issuer.getFragment() != null) {
            throw new SettingsException("MILLRACE_OIDC_ISSUER must be an https URL without query; http is for the loopback interface");
        }
    }

    static ProviderSettings of(String issuer, String audience, String clientClaim) {
        try {
            return new ProviderSettings(new URI(issuer), audience, clientClaim);
        } catch (URISyntaxException e) {
            throw new SettingsException("MILLRACE_OIDC_ISSUER is not a URL");
        }
    }

    private static boolean isLoopback(String host) {
        // Only literals: a name could come to mean another address.
        return host != null && (host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.[0-9]{1,3}){3}"));
    }
}
