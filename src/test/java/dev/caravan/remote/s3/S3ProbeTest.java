package dev.caravan.remote.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.remote.RemoteException;
import dev.caravan.remote.s3.ScriptedServer.Answer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class S3ProbeTest {

  private final List<String> deletions = new CopyOnWriteArrayList<>();

  private static String row(String key, Duration age) {
    return "<Contents><Key>%s</Key><LastModified>%s</LastModified><Size>17</Size></Contents>"
        .formatted(key, Instant.now().minus(age));
  }

  private Map<String, String> factsWith(String listing) throws Exception {
    try (ScriptedServer server = new ScriptedServer();
        S3Remote remote = server.remote()) {
      server.says(
          exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (exchange.getRequestMethod().equals("POST")) {
              deletions.add(new String(body, StandardCharsets.UTF_8));
              return new Answer(200, Map.of(), "<DeleteResult></DeleteResult>");
            }
            boolean lists = exchange.getRequestMethod().equals("GET");
            return new Answer(200, Map.of("ETag", "\"e\""), lists ? listing : "");
          });
      Map<String, String> facts = remote.probe();
      assertThat(server.asked().stream().filter(each -> each.contains("list-type"))).hasSize(1);
      return facts;
    }
  }

  @Test
  void whatKilledProbesLeftBehindGoesWithTheOwnObject() throws Exception {
    Duration day = Duration.ofDays(1);
    assertThat(
            factsWith(
                "<ListBucketResult>"
                    + row(".caravan/probe-old", day)
                    + row(".caravan/probe-underway", Duration.ofMinutes(5))
                    + row(".caravan/probe-folder/file", day)
                    + "</ListBucketResult>"))
        .containsEntry("delete", "allowed");
    assertThat(deletions).hasSize(1);
    assertThat(deletions.get(0))
        .contains("<Key>.caravan/probe-old</Key>")
        .doesNotContain("underway", "folder");
    assertThat(deletions.get(0).split("<Key>")).as("its own, too").hasSize(3);
  }

  @Test
  void whoOnlyReadsWritesNothing() throws Exception {
    try (ScriptedServer server = new ScriptedServer();
        S3Remote remote = server.remote()) {
      server.says(exchange -> error(404, "NoSuchKey"));
      remote.reach();
      server.says(exchange -> new Answer(200, Map.of("ETag", "\"e\""), "marker"));
      remote.reach();
      server.says(exchange -> error(404, "NoSuchBucket"));
      assertThat(catchThrowableOfType(RemoteException.class, remote::reach).reason())
          .isEqualTo(RemoteException.Cause.NOT_THERE);
      server.says(exchange -> error(403, "InvalidAccessKeyId"));
      assertThat(catchThrowableOfType(RemoteException.class, remote::reach).reason())
          .isEqualTo(RemoteException.Cause.AUTHENTICATION);
      assertThat(server.asked()).hasSize(4).allMatch(each -> each.startsWith("GET "));
    }
  }

  private static Answer error(int status, String code) {
    return new Answer(status, Map.of(), "<Error><Code>" + code + "</Code></Error>");
  }

  @Test
  void aListingThatCannotBeReadHoldsNoProbeUp() throws Exception {
    for (String odd :
        List.of(
            "",
            "<ListBucketResult>" + row(".caravan/probe-old", Duration.ofDays(1)),
            "<ListBucketResult><Contents><Key>k</Key></Contents></ListBucketResult>")) {
      deletions.clear();
      assertThat(factsWith(odd)).as(odd).containsEntry("bucket", "found");
      assertThat(deletions.get(0).split("<Key>")).as(odd).hasSize(2);
    }
  }
}
