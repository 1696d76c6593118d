package dev.millrace.ingest.http;

import dev.millrace.ingest.problem.Problem;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Answers with a problem where Jetty refuses a request before anyone of ours sees it, such as one that is no HTTP. */
final class JettyErrors extends ErrorHandler {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Problem problem = Failures.ofStatus(response.getStatus());
        describe(response.getHeaders(), problem);
        response.setStatus(problem.type().status());
        response.write(true, ByteBuffer.wrap(problem.toJson()), callback);
        return true;
    }

    private static void describe(HttpFields.Mutable fields, Problem problem) {
        fields.put(HttpHeader.CONTENT_TYPE, Problem.MEDIA_TYPE);
        if (problem.retryAfterSeconds() > 0) {
            fields.put(HttpHeader.RETRY_AFTER, problem.retryAfterSeconds());
        }
        SecurityHeaders.ALL.forEach((name, value) -> fields.put(name, value));
    }
}
