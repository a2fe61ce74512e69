package dev.caravan.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The Prometheus of the distribution, which asks every second. */
public final class Prometheus implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Served served;

  private Prometheus(Served served) {
    this.served = served;
  }

  /**
   * @param folder for what it keeps
   * @param jobs what to ask: the job, and the address of its metrics
   */
  public static Prometheus start(Path folder, Map<String, URI> jobs) throws IOException {
    StringBuilder config = new StringBuilder("global: {scrape_interval: 1s}\nscrape_configs:\n");
    jobs.forEach(
        (job, address) ->
            config.append(
                """
                  - job_name: %s
                    honor_labels: true
                    metrics_path: %s
                    static_configs: [{targets: ['%s']}]
                """
                    .formatted(job, address.getPath(), address.getAuthority())));
    Path file = Files.writeString(folder.resolve("prometheus.yml"), config);
    int port = Ports.free();
    List<String> command =
        List.of(
            "prometheus",
            "--config.file=" + file,
            "--web.listen-address=127.0.0.1:" + port,
            "--storage.tsdb.path=" + folder.resolve("tsdb"));
    return new Prometheus(
        Served.start(folder.resolve("prometheus.log"), port, "/-/ready", command));
  }

  /**
   * The series that an expression gives now.
   *
   * @throws IllegalArgumentException when Prometheus does not accept it
   */
  public JsonNode query(String expression) throws IOException {
    String coded = URLEncoder.encode(expression, StandardCharsets.UTF_8);
    JsonNode answer = JSON.readTree(served.get("/api/v1/query?query=" + coded).body());
    if (!answer.path("status").asText().equals("success")) {
      throw new IllegalArgumentException(expression + ": " + answer.path("error").asText());
    }
    return answer.at("/data/result");
  }

  /** What promtool says, and how it ended. */
  public record Said(int exitCode, String text) {}

  /** Runs promtool in a folder. */
  public static Said promtool(Path folder, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Said(process.waitFor(), text);
  }

  @Override
  public void close() {
    served.close();
  }
}
