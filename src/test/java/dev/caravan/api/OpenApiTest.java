package dev.caravan.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The description of the API: it is whole, and the routes are what it says. */
class OpenApiTest {

  private static final List<Path> ROUTES =
      List.of(
          Path.of("src/main/resources/routes/control.camel.yaml"),
          Path.of("src/main/resources/routes/archive-control.camel.yaml"));

  private final ApiDocument document = ApiDocument.load();

  @Test
  void theRoutesAndTheDescriptionNameTheSamePathsAndMethods() throws Exception {
    Set<String> described = new TreeSet<>();
    document.operations().forEach(each -> described.add(each.name()));
    Set<String> served = new TreeSet<>(served());
    // Served by handlers: a route can neither answer without an end nor with a part of a file.
    served.add("GET /api/events");
    served.add("GET /api/files/{path}");
    // A route that is asked by a handler, for no thread may wait for the files that come.
    served.add("POST /api/read");
    assertThat(served).isEqualTo(described);
  }

  @Test
  void whateverAnswersAGetAnswersAHead() throws Exception {
    for (JsonNode route : routes()) {
      String methods = route.at("/from/parameters/httpMethodRestrict").asText();
      if (methods.contains("GET")) {
        assertThat(methods).as(route.path("id").asText()).isEqualTo("GET,HEAD");
      }
    }
  }

  private static List<String> served() throws Exception {
    List<String> served = new ArrayList<>();
    for (JsonNode route : routes()) {
      String path = route.at("/from/uri").asText().replaceFirst("^platform-http:", "");
      boolean isPrefix = route.at("/from/parameters/matchOnUriPrefix").asBoolean();
      for (String method :
          route.at("/from/parameters/httpMethodRestrict").asText().split(",", -1)) {
        if (!method.equals("HEAD")) {
          served.add(method + " " + path + (isPrefix ? "{path}" : ""));
        }
      }
    }
    return served;
  }

  private static List<JsonNode> routes() throws Exception {
    List<JsonNode> routes = new ArrayList<>();
    for (Path file : ROUTES) {
      for (JsonNode entry : new YAMLMapper().readTree(Files.readString(file))) {
        if (entry.at("/route/from/uri").asText().startsWith("platform-http:")) {
          routes.add(entry.get("route"));
        }
      }
    }
    assertThat(routes).hasSizeGreaterThan(10);
    return routes;
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    List<String> lost = new ArrayList<>();
    document
        .root()
        .findValues("$ref")
        .forEach(
            reference -> {
              if (document.root().at(reference.asText().substring(1)).isMissingNode()) {
                lost.add(reference.asText());
              }
            });
    assertThat(lost).isEmpty();
  }

  @Test
  void everyOperationHasANameOfItsOwnAndSaysWhatItIs() {
    Set<String> ids = new TreeSet<>();
    for (ApiDocument.Operation each : document.operations()) {
      assertThat(ids.add(each.node().path("operationId").asText())).as(each.name()).isTrue();
      assertThat(each.node().path("summary").asText()).as(each.name()).isNotEmpty();
      for (JsonNode parameter : each.node().path("parameters")) {
        assertThat(document.resolve(parameter).path("schema").isObject()).as(each.name()).isTrue();
      }
      each.node()
          .path("responses")
          .forEach(
              response ->
                  assertThat(document.resolve(response).path("description").asText())
                      .as(each.name())
                      .isNotEmpty());
    }
  }

  @Test
  void aPathParameterIsDescribedWhereverThePathHasOne() {
    for (ApiDocument.Operation each : document.operations()) {
      Set<String> wanted = new TreeSet<>();
      Matcher matcher = Pattern.compile("\\{([^}]+)}").matcher(each.path());
      while (matcher.find()) {
        wanted.add(matcher.group(1));
      }
      Set<String> given = new TreeSet<>();
      for (JsonNode parameter : each.node().path("parameters")) {
        JsonNode resolved = document.resolve(parameter);
        if (resolved.path("in").asText().equals("path")) {
          given.add(resolved.path("name").asText());
        }
      }
      assertThat(given).as(each.name()).isEqualTo(wanted);
    }
  }
}
