package dev.caravan.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.sim.FlakyRemote;
import dev.caravan.sync.SyncWorld;
import dev.caravan.sync.TestSettings;
import dev.caravan.sync.view.StorageViews;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists come in pages, and a page follows the one before whatever happened in between. */
class ListStepsTest {

  @TempDir Path store;
  private final DefaultCamelContext camel = new DefaultCamelContext();
  private SyncWorld world;
  private ListSteps lists;

  /** One step. */
  private interface Step {
    void run(Exchange exchange);
  }

  @BeforeEach
  void open() throws Exception {
    world = SyncWorld.of(store, new FlakyRemote("near"));
    for (String path : List.of("top", "a/1", "a/2", "a/b/1", "c/1")) {
      world.write(path, path);
    }
    world.cycle();
    lists =
        new ListSteps(
            world.catalog(),
            new StorageViews(
                TestSettings.of(store).settings(),
                world.catalog(),
                world.tree(),
                world.mirror(),
                world.clock()));
  }

  @AfterEach
  void close() throws Exception {
    world.close();
    camel.close();
  }

  private JsonNode ask(Step step, String path, String query) throws Exception {
    Exchange exchange = new DefaultExchange(camel);
    exchange.getMessage().setHeader(Exchange.HTTP_PATH, path);
    exchange.getMessage().setHeader(Exchange.HTTP_RAW_QUERY, query);
    try {
      step.run(exchange);
    } catch (RuntimeException e) {
      exchange.setProperty(Exchange.EXCEPTION_CAUGHT, e);
      Answers.problem(exchange);
    }
    return new ObjectMapper().readTree(exchange.getMessage().getBody(byte[].class));
  }

  private void refused(Step step, String path, String query, int status, String detail)
      throws Exception {
    JsonNode answer = ask(step, path, query);
    assertThat(answer.path("status").asInt()).as("%s", answer).isEqualTo(status);
    assertThat(answer.path("detail").asText()).contains(detail);
  }

  /** All pages of a list, one thing on each. */
  private List<String> walk(Step step, String path, String list, String field) throws Exception {
    List<String> seen = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page = ask(step, path, "limit=1&cursor=" + cursor);
      page.path(list).forEach(each -> seen.add(each.path(field).asText()));
      assertThat(page.path(list)).hasSize(1);
      cursor = page.path("next_cursor").asText("");
    } while (!cursor.isEmpty() && !cursor.equals("null"));
    return seen;
  }

  @Test
  void everyListCanBeWalkedInPages() throws Exception {
    assertThat(walk(lists::files, "/api/files", "files", "path"))
        .containsExactly("a/1", "a/2", "a/b/1", "c/1", "top");
    assertThat(walk(lists::inventory, "/api/inventory", "datasets", "path"))
        .containsExactly("", "a", "a/b", "c");
    world.cycle();
    world.cycle();
    List<String> runs = walk(lists::runs, "/api/runs", "runs", "run_id");
    assertThat(runs).hasSize(3).isSortedAccordingTo((a, b) -> b.compareTo(a));
    assertThat(walk(lists::items, "/api/runs/" + runs.get(2) + "/items", "items", "path"))
        .containsExactlyInAnyOrder("a/1", "a/2", "a/b/1", "c/1", "top");
  }

  @Test
  void aPageFollowsWhateverCameAndWentInBetween() throws Exception {
    JsonNode first = ask(lists::files, "/api/files", "limit=2");
    assertThat(first.at("/files/1/path").asText()).isEqualTo("a/2");
    world.write("a/0", "comes before");
    world.write("a/3", "comes after");
    world.delete("a/2");
    world.cycle();
    world.cycle();
    JsonNode second =
        ask(lists::files, "/api/files", "limit=2&cursor=" + first.path("next_cursor").asText());
    assertThat(second.at("/files/0/path").asText()).isEqualTo("a/3");
    JsonNode runs = ask(lists::runs, "/api/runs", "limit=1");
    world.cycle();
    JsonNode older =
        ask(lists::runs, "/api/runs", "limit=1&cursor=" + runs.path("next_cursor").asText());
    assertThat(older.at("/runs/0/run_id").asText()).isLessThan(runs.at("/runs/0/run_id").asText());
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "a/1", "YWEvMQ==", "%00", "-", "____", "ci0x", "cjk5eA"})
  void whatIsNoCursorIsRefused(String cursor) throws Exception {
    String query = "cursor=" + URLEncoder.encode(cursor, StandardCharsets.UTF_8);
    for (Step step : List.<Step>of(lists::inventory, lists::runs)) {
      refused(step, "/api/x", query, 422, "cursor");
    }
  }

  @Test
  void aCursorOfAnotherListIsRefused() throws Exception {
    String files = ask(lists::files, "/api/files", "limit=1").path("next_cursor").asText();
    refused(lists::runs, "/api/runs", "cursor=" + files, 422, "cursor");
    refused(lists::inventory, "/api/inventory", "cursor=" + files, 422, "cursor");
  }

  @ParameterizedTest
  @CsvSource({
    "limt=1, 422, limt",
    "limit=1&limit=2, 422, limit",
    "state=lost, 422, state",
    "limit=1&=, 422, Unknown",
    "%6cimit=0, 422, limit",
    "prefix=%, 400, percent",
    "prefix=%4, 400, percent",
    "prefix=%zz, 400, percent",
    "prefix=%ff, 400, UTF-8",
    "prefix=%c0%ae, 400, UTF-8",
    "prefix=%ed%a0%80, 400, UTF-8",
    "CamelHttpPath=x, 422, CamelHttpPath",
    "Content-Type=x, 422, Content-Type",
  })
  void aQueryIsTakenAtItsWord(String query, int status, String detail) throws Exception {
    refused(lists::files, "/api/files", query, status, detail);
  }

  @Test
  void anEmptyParameterIsNone() throws Exception {
    JsonNode answer = ask(lists::files, "/api/files", "prefix=&state=&limit=&cursor=");
    assertThat(answer.path("files")).hasSize(5);
    assertThat(answer.path("next_cursor").isNull()).isTrue();
    assertThat(ask(lists::files, "/api/files", "prefix=a%2f").path("files")).hasSize(3);
    assertThat(ask(lists::files, "/api/files", "prefix=a+").path("files")).isEmpty();
  }

  @Test
  void anHttpHeaderIsNoParameter() throws Exception {
    Exchange exchange = new DefaultExchange(camel);
    exchange.getMessage().setHeader("limit", "x");
    exchange.getMessage().setHeader("state", "lost");
    lists.files(exchange);
    assertThat(exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE)).isEqualTo(200);
  }
}
