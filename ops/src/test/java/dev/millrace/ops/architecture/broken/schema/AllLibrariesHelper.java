package dev.millrace.ops.architecture.broken.schema;

import ch.qos.logback.classic.Level;
import com.github.luben.zstd.Zstd;
import com.networknt.schema.Schema;
import com.nimbusds.jwt.SignedJWT;
import com.password4j.Argon2Function;
import com.typesafe.config.Config;
import dev.millrace.ops.architecture.broken.ingest.UsesProcessor;
import io.github.resilience4j.retry.Retry;
import io.javalin.Javalin;
import io.lettuce.core.RedisClient;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jakarta.annotation.PostConstruct;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.tukaani.xz.XZ;
import picocli.CommandLine;

/** Breaks: schema uses no other module; every library in its room; names; logging; standard output; plain constructors; no cycles. */
public class AllLibrariesHelper {

    UsesProcessor otherModule;
    RedisClient redis;
    Javalin http;
    DataSource postgres;
    Retry retry;
    Schema jsonSchema;
    SignedJWT token;
    Argon2Function passwordHashing;
    Config settings;
    CommandLine commandLine;
    Level loggingBackend;
    PrometheusMeterRegistry prometheus;
    XZ unpacking;
    Zstd compression;
    Logger logger;

    @PostConstruct
    void print() {
        System.out.println("printed from a module that has no terminal");
    }
}
