package dev.millrace.ops.architecture.broken.ingest.auth;

import java.security.MessageDigest;
import java.util.HexFormat;

/** Breaks: what hashes secrets compares in constant time. */
public class ComparesSecrets {

    boolean isSecret(MessageDigest digest, byte[] given, String hash) {
        return HexFormat.of().formatHex(digest.digest(given)).equals(hash);
    }
}
