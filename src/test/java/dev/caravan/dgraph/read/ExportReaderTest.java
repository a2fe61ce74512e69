package dev.caravan.dgraph.read;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.caravan.lab.FakeAlpha;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What counts as an export, of all that a request to {@code /admin} may ask for. */
class ExportReaderTest {

  private static final String ANSWER = "{\"data\":{\"%s\":{\"taskId\":\"0x125b3ab7a\"}}}";

  private static List<Sighting> read(String type, byte[] request, byte[] answer, String encoding) {
    return ExportReader.read(
        new AdminExchange(
            "", type, encoding, request, true, 200, encoding, answer, Map.of(), Instant.EPOCH));
  }

  private static List<Sighting> graphql(String query, String answer) {
    return read("application/graphql", query.getBytes(UTF_8), answer.getBytes(UTF_8), "");
  }

  @Test
  void aFieldIsAnExportByWhatWasAskedForAndNotByItsName() {
    String answer = ANSWER.formatted("x");
    assertThat(graphql("mutation { x: export(input: {}) { taskId } }", answer)).hasSize(1);
    assertThat(graphql("mutation { x: backup(input: {}) { taskId } }", answer)).isEmpty();
    assertThat(graphql("query { x: export { taskId } }", answer)).as("no mutation").isEmpty();
  }

  @Test
  void fragmentsOperationsAndCommentsAreUnderstood() {
    String query =
        """
        # export
        fragment P on ExportPayload { t: taskId }
        fragment M on Mutation { ... on Mutation @include(if: true) { nightly: export(input:
          {format: "json", destination: \"\"\"/a "b\"\"\"}) { ...P } } }
        query Other { health { status } }
        mutation Mine($a: Int = 3) { ...M }
        """;
    String body = "{\"query\":%s,\"operationName\":\"Mine\"}".formatted(new TextNode(query));
    List<Sighting> seen =
        read(
            "application/json; charset=utf-8",
            body.getBytes(UTF_8),
            "{\"data\":{\"nightly\":{\"t\":\"0x1\"}}}".getBytes(UTF_8),
            "");
    assertThat(seen).hasSize(1);
    assertThat(seen.get(0).taskId()).contains("0x1");
    assertThat(seen.get(0).format()).isEqualTo("json");
    assertThat(seen.get(0).destination()).contains("/a \"b");
  }

  @Test
  void packedRequestsAndAnswersAreUnpacked() {
    byte[] query = FakeAlpha.gzip("mutation { e: export(input: {}) { taskId } }".getBytes(UTF_8));
    byte[] answer = FakeAlpha.gzip(ANSWER.formatted("e").getBytes(UTF_8));
    assertThat(read("application/graphql", query, answer, "gzip")).hasSize(1);
  }

  @Test
  void whereTheRequestCannotBeReadTheAnswerSpeaksForItself() {
    assertThat(graphql("mutation { export(", ANSWER.formatted("export"))).hasSize(1);
    String queued =
        "{\"data\":{\"q\":{\"response\":{\"message\":\"Export queued with ID 0x12\"}}}}";
    assertThat(graphql("}{", queued)).singleElement().matches(s -> s.taskId().isPresent());
    assertThat(graphql("}{", ANSWER.formatted("backup"))).isEmpty();
  }

  @Test
  void aHugeSchemaInAStringIsReadWithoutTrouble() {
    String schema = "type T { a: String } # \\\" \\n ".repeat(20_000);
    String query =
        "mutation { updateGQLSchema(input: {set: {schema: \""
            + schema
            + "\"}}) { x }"
            + " export(input: {}) { taskId } }";
    assertThat(graphql(query, ANSWER.formatted("export"))).hasSize(1);
  }

  @Test
  void errorsAndNonsenseAreNothing() {
    String query = "mutation { export(input: {}) { taskId } }";
    assertThat(graphql(query, "{\"errors\":[{\"message\":\"x\"}],\"data\":{\"export\":null}}"))
        .isEmpty();
    assertThat(graphql(query, "not JSON")).isEmpty();
    assertThat(graphql(query, "[]")).isEmpty();
    assertThat(graphql(query, "{\"data\":{\"export\":{\"taskId\":\"0x1\\\"}){evil\"}}}"))
        .singleElement()
        .matches(seen -> seen.taskId().isEmpty());
  }

  @Test
  void filesAreTakenOnlyWhereTheyAreFilesOfAnExport() {
    String answer =
        "{\"data\":{\"export\":{\"exportedFiles\":[\"dgraph.r12.u0908.1554/g01.rdf.gz\","
            + "\"../../etc/passwd\",\"dgraph.r12.u0908.1554/../x\"]}}}";
    assertThat(graphql("mutation { export(input: {}) { exportedFiles } }", answer))
        .singleElement()
        .satisfies(
            seen -> {
              assertThat(seen.files()).containsExactly("dgraph.r12.u0908.1554/g01.rdf.gz");
              assertThat(seen.over()).isTrue();
            });
  }
}
