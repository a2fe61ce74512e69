package dev.caravan.config.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.read.WrongFiles.Case;
import dev.caravan.config.read.text.Cron;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** One table of wrong files, each with exactly the lines an operator gets to read. */
class ProblemsTest {
  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> everyWrongFileIsToldExactly() {
    return Stream.concat(WrongFiles.all(), WrongTogether.all())
        .map(c -> DynamicTest.dynamicTest(c.name(), () -> check(c)));
  }

  private void check(Case c) {
    List<String> told = new Reading(folder).bad(c.yaml());
    assertThat(told).hasSameSizeAs(c.problems());
    for (int i = 0; i < c.problems().length; i++) {
      assertThat(told.get(i)).startsWith("c.yaml:").contains(c.problems()[i]);
    }
  }

  @Test
  void allProblemsComeAtOnceInTheOrderOfTheFile() {
    assertThat(
            new Reading(folder)
                .bad(
                    """
                    store:
                      setle: 2s
                    http:
                      port: http
                      host: 0.0.0.0
                    storage:
                      transfers: 1000
                      remotes:
                        - provider: s3
                          sse: kmz
                    """))
        .extracting(line -> line.split(": ")[0] + ": " + line.split(": ")[1])
        .containsExactly(
            "c.yaml:2:3: store.setle",
            "c.yaml:4:9: http.port",
            "c.yaml:5:3: http.host",
            "c.yaml:7:3: storage.transfers",
            "c.yaml:9:7: storage.remotes[0].bucket",
            "c.yaml:10:12: storage.remotes[0].sse");
  }

  @Test
  void goodSchedulesPass() {
    for (String cron :
        List.of(
            "0 0 3 * * ?",
            "0/15 * * * * ?",
            "0 0 3 ? * MON-FRI",
            "0 15 10 L * ?",
            "0 15 10 L-30 * ?",
            "0 15 10 LW * ?",
            "0 15 10 15W * ?",
            "0 15 10 ? * 6L 2026-2030",
            "0 15 10 ? * 6#3",
            "0 0 0 1,15 JAN,JUL ?",
            "0 */5 8-17 * * ?")) {
      assertThat(Cron.problem(cron)).as(cron).isEmpty();
    }
  }

  @Test
  void loopbackHostsNeedNoToken() {
    for (String host : List.of("localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]")) {
      assertThat(new Reading(folder).good("http: {host: '" + host + "'}").http().host())
          .isEqualTo(host);
    }
    new Reading(folder).good("http: {host: 0.0.0.0, auth_token: t}");
    assertThat(new Reading(folder).read("http: {host: 0.0.0.0, allow_anonymous: true}", Map.of()))
        .matches(result -> result.settings().isPresent());
  }
}
