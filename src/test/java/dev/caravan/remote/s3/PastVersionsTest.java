package dev.caravan.remote.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.remote.Remote;
import dev.caravan.remote.Remote.Past.Moment;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.s3.ScriptedServer.Answer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a listing of versions says about one time, from answers as servers give them. */
class PastVersionsTest {

  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00.500Z");

  private ScriptedServer server;
  private S3Remote remote;

  @BeforeEach
  void open() throws Exception {
    server = new ScriptedServer();
    remote = server.remote();
  }

  @AfterEach
  void close() {
    remote.close();
    server.close();
  }

  private static String version(String key, String version, String at) {
    return "<Version><Key>%s</Key><VersionId>%s</VersionId><LastModified>%s</LastModified><Size>1"
            .formatted(key, version, at)
        + "</Size><Owner><ID>x</ID></Owner></Version>";
  }

  private static String marker(String key, String at) {
    return "<DeleteMarker><Key>%s</Key><VersionId>m</VersionId><LastModified>%s</LastModified>"
            .formatted(key, at)
        + "</DeleteMarker>";
  }

  private static Answer page(String next, String... entries) {
    String more =
        next.isEmpty()
            ? "<IsTruncated>false</IsTruncated>"
            : "<IsTruncated>true</IsTruncated>" + next;
    return new Answer(
        200,
        Map.of(),
        "<ListVersionsResult><EncodingType>url</EncodingType>"
            + more
            + String.join("", entries)
            + "</ListVersionsResult>");
  }

  private List<String> moments() throws RemoteException {
    Remote.Past.Cursor cursor = remote.past().orElseThrow().at("", NOON).orElseThrow();
    List<String> found = new ArrayList<>();
    for (Optional<Moment> next = cursor.next(); next.isPresent(); next = cursor.next()) {
      Moment each = next.get();
      found.add((each.key() + " " + each.state() + " " + each.version()).strip());
    }
    return found;
  }

  @Test
  void eachKeyIsJudgedByItsVersionsAcrossPages() throws Exception {
    String next =
        "<NextKeyMarker>a%2Bb</NextKeyMarker><NextVersionIdMarker>v3</NextVersionIdMarker>";
    server.says(
        exchange ->
            exchange.getRequestURI().getRawQuery().contains("key-marker=a%2Bb")
                ? page(
                    "",
                    version("a%2Bb", "v2", "2026-11-21T11:00:00.100Z"),
                    version("a%2Bb", "v1", "2026-11-21T10:00:00.100Z"),
                    version("deleted", "v1", "2026-11-21T10:00:00.100Z"),
                    version("later", "v1", "2026-11-21T13:00:00.100Z"),
                    version("replaced", "null", "2026-11-21T13:00:00.100Z"),
                    version("replaced", "v1", "2026-11-21T10:00:00.100Z"),
                    version("z", "null", "2026-11-21T10:00:00.100Z"),
                    marker("deleted", "2026-11-21T11:00:00.100Z"))
                : page(
                    next,
                    version(".caravan%2Fcatalog.db", "v1", "2026-11-21T10:00:00.100Z"),
                    version("a%2Bb", "v3", "2026-11-21T13:00:00.100Z")));
    assertThat(moments())
        .containsExactly(
            "a+b HELD v2", "deleted DELETED", "later LATER", "replaced REPLACED", "z HELD null");
    assertThat(server.asked()).hasSize(2).last().asString().contains("version-id-marker=v3");
  }

  /** Amazon tells whole seconds: what came in the very second may have come after the time. */
  @Test
  void withinTheSecondTheFilesOwnTimeDecides() throws Exception {
    server.says(
        exchange -> {
          String query = exchange.getRequestURI().getRawQuery();
          if (exchange.getRequestMethod().equals("HEAD")) {
            double mtime = NOON.getEpochSecond() + (query.contains("v2") ? 0.9 : 0.1);
            return new Answer(
                200,
                Map.of(
                    "x-amz-meta-mtime",
                    String.format(Locale.ROOT, "%.1f", mtime),
                    "ETag",
                    "\"e\"",
                    "Content-Length",
                    "1"),
                "",
                1);
          }
          return page(
              "",
              version("f", "v2", "2026-11-21T12:00:00.000Z"),
              version("f", "v1", "2026-11-21T12:00:00.000Z"),
              marker("g", "2026-11-21T12:00:00.000Z"),
              version("g", "v0", "2026-11-21T11:00:00.000Z"));
        });
    assertThat(moments()).containsExactly("f HELD v1", "g HELD v0");
  }

  @Test
  void aListingThatBreaksOffIsNeverShortAndMayGoOn() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    server.says(
        exchange ->
            switch (asked.incrementAndGet()) {
              case 1 ->
                  page(
                      "<NextKeyMarker>a</NextKeyMarker>",
                      version("a", "v1", "2026-11-21T10:00:00.100Z"));
              case 2 -> new Answer(200, Map.of(), "<ListVersionsResult><Version>");
              default -> page("", version("b", "v1", "2026-11-21T10:00:00.100Z"));
            });
    Remote.Past.Cursor cursor = remote.past().orElseThrow().at("", NOON).orElseThrow();
    assertThatThrownBy(cursor::next).isInstanceOf(RemoteException.class);
    assertThat(cursor.next().orElseThrow().key().value()).isEqualTo("a");
    assertThat(cursor.next().orElseThrow().key().value()).isEqualTo("b");
    assertThat(cursor.next()).isEmpty();
  }

  @Test
  void aServerThatKnowsOfNoVersionsKeepsNone() throws Exception {
    server.says(exchange -> ScriptedServer.error(501, "NotImplemented", "no"));
    assertThat(remote.past().orElseThrow().at("", NOON)).isEmpty();
    server.says(
        exchange ->
            new Answer(
                200,
                Map.of(),
                "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"));
    assertThat(remote.past().orElseThrow().at("", NOON)).isEmpty();
  }
}
