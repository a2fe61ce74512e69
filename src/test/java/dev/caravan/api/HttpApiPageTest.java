package dev.caravan.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The examples of docs/http-api.md are requests that the description allows, and none is left out.
 */
class HttpApiPageTest {

  private static final Path PAGE = Path.of("docs/http-api.md");
  private static final Pattern ADDRESS = Pattern.compile("\\$C(/[^\"\\s]*)");
  private static final Pattern BODY = Pattern.compile("-d '([^']*)'");

  private final ApiDocument document = ApiDocument.load();
  private final List<String> examples = new ArrayList<>();

  @BeforeEach
  void read() throws Exception {
    boolean isExample = false;
    for (String line : Files.readAllLines(PAGE)) {
      if (line.startsWith("```")) {
        isExample = !isExample;
      } else if (isExample && line.startsWith("curl")) {
        examples.add(line);
      }
    }
    assertThat(examples).hasSizeGreaterThan(10);
  }

  private ApiDocument.Operation operation(String example) {
    Matcher address = ADDRESS.matcher(example);
    assertThat(address.find()).as(example).isTrue();
    String method = example.contains("-X POST") ? "POST" : "GET";
    return document
        .find(method, address.group(1))
        .orElseThrow(() -> new AssertionError("not in the description: " + example));
  }

  @Test
  void everyExampleIsARequestThatIsDescribed() throws Exception {
    for (String example : examples) {
      ApiDocument.Operation operation = operation(example);
      parametersAreDescribed(example, operation);
      Matcher body = BODY.matcher(example);
      if (body.find()) {
        JsonNode schema = operation.node().at("/requestBody/content/application~1json/schema");
        assertThat(example).contains("Content-Type: application/json");
        assertThat(document.faults(schema, new ObjectMapper().readTree(body.group(1))))
            .as(example)
            .isEmpty();
      }
    }
  }

  private void parametersAreDescribed(String example, ApiDocument.Operation operation) {
    Set<String> known = new TreeSet<>();
    for (JsonNode parameter : operation.node().path("parameters")) {
      known.add(document.resolve(parameter).path("name").asText());
    }
    Matcher query = Pattern.compile("[?&]([a-z_]+)=").matcher(example);
    while (query.find()) {
      assertThat(known).as(example).contains(query.group(1));
    }
    Matcher header = Pattern.compile("-H '(Idempotency-Key|Last-Event-ID):").matcher(example);
    while (header.find()) {
      assertThat(known).as(example).contains(header.group(1));
    }
  }

  @Test
  void everyOperationHasAnExample() {
    Set<String> shown = new TreeSet<>();
    examples.forEach(example -> shown.add(operation(example).name()));
    Set<String> described = new TreeSet<>();
    document.operations().forEach(each -> described.add(each.name()));
    assertThat(shown).isEqualTo(described);
  }
}
