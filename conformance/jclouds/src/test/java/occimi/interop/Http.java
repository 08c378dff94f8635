package occimi.interop;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;

/** JSON over HTTP as one user, with HTTP Basic. Redirects are not followed. */
final class Http {
    private final HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    private final String authorization;
    private final String mediaType;

    Http(String user, String password, String mediaType) {
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        this.authorization = "Basic " + Base64.getEncoder().encodeToString(pair);
        this.mediaType = mediaType;
    }

    /** What came back. */
    record Answer(int status, String location, String body) {
        JsonObject json() {
            JsonElement parsed = JsonParser.parseString(body);
            return parsed.getAsJsonObject();
        }
    }

    /** Reads a document; null if the answer is 404. */
    JsonObject read(String uri) {
        Answer answer = send("GET", uri, null);
        if (answer.status() == 404) {
            return null;
        }
        return expect(200, "GET", uri, answer).json();
    }

    /** Sends a request whose answer must have the status. */
    Answer ask(int status, String method, String uri, JsonElement body) {
        return expect(status, method, uri, send(method, uri, body));
    }

    /** Deletes what may be gone already. */
    void delete(String uri) {
        Answer answer = send("DELETE", uri, null);
        if (answer.status() != 404) {
            expect(200, "DELETE", uri, answer);
        }
    }

    private Answer expect(int status, String method, String uri, Answer answer) {
        if (answer.status() != status) {
            throw new AssertionError(method + " " + uri + ": got " + answer.status() + ", want " + status + "\n" + answer.body());
        }
        return answer;
    }

    private Answer send(String method, String uri, JsonElement body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri))
                .timeout(Duration.ofSeconds(90))
                .header("Authorization", authorization)
                .header("Accept", mediaType)
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.toString()));
        if (body != null) {
            request.header("Content-Type", mediaType);
        }
        try {
            HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.headers().firstValue("Location").orElse(null), response.body());
        } catch (IOException e) {
            throw new AssertionError(method + " " + uri + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
