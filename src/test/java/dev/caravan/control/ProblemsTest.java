package dev.caravan.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What errors look like. */
class ProblemsTest {

  @Test
  void everyDocumentedStatusHasATitleOfItsOwn() throws Exception {
    String described = Files.readString(Path.of("src/main/resources/api/openapi.json"));
    TreeSet<Integer> statuses = new TreeSet<>();
    Pattern.compile("\"([45][0-9]{2})\":")
        .matcher(described)
        .results()
        .map((MatchResult each) -> Integer.valueOf(each.group(1)))
        .forEach(statuses::add);
    assertThat(statuses).contains(400, 404, 412, 416, 507).doesNotContain(500);
    for (int status : statuses) {
      String title =
          new ObjectMapper().readTree(Problems.json(status, "why")).path("title").asText();
      assertThat(title)
          .as("%d %s", status, HttpResponseStatus.valueOf(status).reasonPhrase())
          .isNotEqualTo("Internal Server Error");
    }
  }
}
