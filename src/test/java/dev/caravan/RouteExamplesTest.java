package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.caravan.route.RouteFiles;
import dev.caravan.route.RouteShape;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Language;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The worked examples work. */
class RouteExamplesTest {

  private static final Path EXAMPLES = Path.of("config/examples/routes");

  @TempDir Path folder;

  @Test
  void everyExampleHasNoFaultAndIsInTheDocument() throws Exception {
    String document = Files.readString(Path.of("docs/routes.md"));
    try (Stream<Path> files = Files.walk(EXAMPLES)) {
      List<Path> examples = files.filter(file -> file.toString().endsWith(".camel.yaml")).toList();
      assertThat(examples).hasSizeGreaterThanOrEqualTo(4);
      for (Path example : examples) {
        assertThat(document).contains("(../" + example + ")");
        RouteShape shape = RouteShape.of(RoutesWorld.settings(folder), App.BEANS);
        assertThat(
                CamelTrial.of(shape, true, new RouteFiles(example.getParent(), true).read())
                    .faults())
            .as("%s", example)
            .isEmpty();
      }
    }
  }

  @Test
  void aWebhookIsPostedEachRunAsJson() throws Exception {
    List<String> posted = Collections.synchronizedList(new ArrayList<>());
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        call -> {
          String body = new String(call.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          posted.add(
              call.getRequestMethod()
                  + " "
                  + call.getRequestHeaders().getFirst("Content-Type")
                  + " "
                  + body);
          call.sendResponseHeaders(204, -1);
          call.close();
        });
    server.start();
    example(
        "webhook/hooks.camel.yaml",
        "http://127.0.0.1:9000/caravan",
        "http://127.0.0.1:" + server.getAddress().getPort() + "/caravan");
    try (RoutesWorld world = RoutesWorld.start(folder)) {
      Object id = world.write("a", "1").sync().get("run_id");
      assertThat(posted).singleElement().asString().startsWith("POST application/json {");
      JsonNode run = new ObjectMapper().readTree(posted.get(0).replaceFirst("^.*? .*? ", ""));
      assertThat(run.at("/run_id").asText()).isEqualTo(id);
      assertThat(run.at("/state").asText()).isEqualTo("succeeded");
      assertThat(run.at("/counts/uploaded").asInt()).isEqualTo(1);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void theNameOfEachUploadIsAppendedToAFile() throws Exception {
    example(
        "list-of-uploads/hooks.camel.yaml", "/var/log/caravan", folder.resolve("list").toString());
    try (RoutesWorld world = RoutesWorld.start(folder)) {
      world.write("a", "1").write("b/c", "2").sync();
      assertThat(Files.readAllLines(folder.resolve("list/uploads.txt")))
          .containsExactlyInAnyOrder("disk a", "disk b/c");
    }
  }

  @Test
  void runsBeginByThemselvesOnlyAtNight() throws Exception {
    String text = Files.readString(EXAMPLES.resolve("at-night/schedule.camel.yaml"));
    Matcher condition = Pattern.compile("expression: \"(.*date:now:HH.*)\"").matcher(text);
    assertThat(condition.find()).isTrue();
    String simple = condition.group(1).replace("${date:now:HH}", "${header.hour}");
    try (RoutesWorld world = RoutesWorld.start(folder)) {
      List<Integer> open = new ArrayList<>();
      for (int hour = 0; hour < 24; hour++) {
        Exchange exchange = new DefaultExchange(world.context());
        exchange.getMessage().setHeader("hour", "%02d".formatted(hour));
        Language language = world.context().resolveLanguage("simple");
        if (language.createPredicate(simple).matches(exchange)) {
          open.add(hour);
        }
      }
      assertThat(open).containsExactly(0, 1, 2, 3, 4, 5, 22, 23);
    }
  }

  @Test
  void aRemoteOfOnesOwnTakesFiles() throws Exception {
    example("own-remote/tape.camel.yaml", "/srv/archive", folder.resolve("archive").toString());
    Files.writeString(
        folder.resolve("caravan.yaml"),
        """
        store: {path: store}
        storage:
          remotes: [{provider: camel, name: tape, put: direct:tape-put}]
        routes: {path: routes}
        """);
    try (RoutesWorld world = RoutesWorld.start(folder)) {
      assertThat(world.write("a/b", "123").write("c", "4").sync())
          .containsEntry("state", "succeeded");
      assertThat(folder.resolve("archive/a/b")).hasContent("123");
      assertThat(folder.resolve("archive/c")).hasContent("4");
    }
  }

  private void example(String name, String from, String to) throws Exception {
    String text = Files.readString(EXAMPLES.resolve(name));
    assertThat(text).contains(from);
    Path file = Path.of(name);
    RoutesWorld.routes(folder, file.getFileName().toString(), text.replace(from, to));
  }
}
