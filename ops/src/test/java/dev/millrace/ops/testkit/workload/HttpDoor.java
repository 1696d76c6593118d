package dev.millrace.ops.testkit.workload;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import tools.jackson.databind.json.JsonMapper;

/** The door that producers use: one request an event, on kept-alive connections. */
public final class HttpDoor implements Door {
    /** Far longer than any answer should take, so that one that takes long is seen as such and not as a lost connection. */
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(2))
            .build();
    private final Supplier<URI> api;
    private final String apiKey;

    /**
     * Opens it.
     *
     * @param api asked at every post, for an API that comes back at another address
     */
    public HttpDoor(Supplier<URI> api, String apiKey) {
        this.api = api;
        this.apiKey = apiKey;
    }

    /**
     * Makes a client.
     *
     * @return its API key
     */
    public static String createClient(URI api, String adminKey, String client) {
        HttpRequest request = HttpRequest.newBuilder(api.resolve("/v1/clients")).timeout(TIMEOUT).header("X-Api-Key", adminKey)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"id\":\"" + client + "\",\"name\":\"" + client + "\"}")).build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
            if (answer.statusCode() != 201) {
                throw new AssertionError("no client was made: " + answer.statusCode() + " " + answer.body());
            }
            return JSON.readTree(answer.body()).path("apiKey").stringValue();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public List<Answer> post(List<ScoreEvent> events) {
        List<Answer> answers = new ArrayList<>();
        for (ScoreEvent event : events) {
            boolean upToHere = answers.stream().allMatch(Answer.Accepted.class::isInstance);
            answers.add(upToHere ? post(event) : new Answer.NotNow("not sent, because one before it was not accepted"));
        }
        return answers;
    }

    private Answer post(ScoreEvent event) {
        String body = "{\"type\":\"" + event.op().type() + "\",\"id\":\"" + event.producerId() + "\",\"data\":" + event.data().toJson()
                + "}";
        HttpRequest request = HttpRequest.newBuilder(api.get().resolve("/v1/events")).timeout(TIMEOUT).header("X-Api-Key", apiKey)
                .header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)).build();
        try {
            return answer(http.send(request, BodyHandlers.ofString()));
        } catch (IOException e) {
            return new Answer.Unknown(e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer.Unknown("interrupted");
        }
    }

    private static Answer answer(HttpResponse<String> response) {
        String said = response.statusCode() + " " + response.body().strip();
        return switch (response.statusCode()) {
            case 202 -> new Answer.Accepted(JSON.readTree(response.body()).path("id").stringValue(),
                    response.headers().firstValue("Idempotency-Replayed").filter("true"::equals).isPresent());
            case 429 -> new Answer.NotNow(said);
            case 500, 502, 503, 504 -> new Answer.Unknown(said);
            default -> new Answer.Refused(said);
        };
    }

    @Override
    public void close() {
        http.close();
    }
}
